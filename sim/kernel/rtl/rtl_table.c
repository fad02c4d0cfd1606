// SPDX-License-Identifier: MIT
// Rtl: generic tables, both kinds. Elements are nodes of a splay tree whose links are what drivers
// see of an element's head; the tables differ in that head and in what they keep beside the tree.
//
// The driver's comparison runs before anything is changed. What it returns decides; a table whose
// links a driver has damaged is its own loss.

#include "kernel/nt.h"
#include "kernel/rtl/rtl_splay.h"

#include <kldr/ddk/wdm.h>

typedef RTL_SPLAY_LINKS node;

// A table of either kind.
struct table {
    uint64_t address;
    bool avl;
    uint32_t head; // bytes before an element's data
    uint64_t compare, allocate, release;
};

#define SPLAY_HEAD 0x28u // links, place in the order of insertion
#define AVL_HEAD   0x20u // links, balance

static RTL_GENERIC_TABLE *generic(const struct table *table)
{
    return ks_guest_pointer(table->address);
}

static RTL_AVL_TABLE *avl(const struct table *table)
{
    return ks_guest_pointer(table->address);
}

static struct table open_table(const struct ks_kernel_call *call, bool is_avl)
{
    struct table table = {call->arguments[0], is_avl, is_avl ? AVL_HEAD : SPLAY_HEAD, 0, 0, 0};
    if (is_avl) {
        table.compare = (uint64_t)(uintptr_t)avl(&table)->CompareRoutine;
        table.allocate = (uint64_t)(uintptr_t)avl(&table)->AllocateRoutine;
        table.release = (uint64_t)(uintptr_t)avl(&table)->FreeRoutine;
    } else {
        table.compare = (uint64_t)(uintptr_t)generic(&table)->CompareRoutine;
        table.allocate = (uint64_t)(uintptr_t)generic(&table)->AllocateRoutine;
        table.release = (uint64_t)(uintptr_t)generic(&table)->FreeRoutine;
    }
    return table;
}

// The tree hangs on the right of an AVL table's own root.
static node **root_of(const struct table *table)
{
    return table->avl ? (node **)&avl(table)->BalancedRoot.RightChild : &generic(table)->TableRoot;
}

static uint64_t data_of(const struct table *table, const node *at)
{
    return at != NULL ? (uint64_t)(uintptr_t)at + table->head : 0;
}

static LIST_ENTRY *order_of(node *at)
{
    return (LIST_ENTRY *)(at + 1);
}

static void count(const struct table *table, int by)
{
    if (table->avl) {
        avl(table)->NumberGenericTableElements += (ULONG)by;
        avl(table)->OrderedPointer = NULL;
        avl(table)->WhichOrderedElement = 0;
    } else {
        generic(table)->NumberGenericTableElements += (ULONG)by;
        generic(table)->OrderedPointer = &generic(table)->InsertOrderList;
        generic(table)->WhichOrderedElement = 0;
    }
}

// The node becomes the root.
static void splay(const struct table *table, node *at)
{
    *root_of(table) = ks_splay(at);
}

// ---- search ----

// Where an element is, or the parent that it would get. False: the system stopped.
static bool search(const struct ks_kernel_call *call, const struct table *table, uint64_t wanted,
                   node **out_node, TABLE_SEARCH_RESULT *out_result)
{
    node *at = *root_of(table);
    *out_node = NULL;
    *out_result = TableEmptyTree;
    while (at != NULL) {
        const uint64_t arguments[] = {table->address, wanted, data_of(table, at)};
        uint64_t order = 0;
        if (!ks_nt_call_open(call->world, table->compare, arguments, 3, &order)) {
            return false;
        }
        *out_node = at;
        if ((uint32_t)order == GenericEqual) {
            *out_result = TableFoundNode;
            return true;
        }
        bool less = (uint32_t)order == GenericLessThan;
        *out_result = less ? TableInsertAsLeft : TableInsertAsRight;
        at = less ? at->LeftChild : at->RightChild;
    }
    return true;
}

// ---- elements ----

static uint64_t insert_at(const struct ks_kernel_call *call, const struct table *table,
                          node *parent, TABLE_SEARCH_RESULT where)
{
    uint64_t from = call->arguments[1];
    uint32_t size = (uint32_t)call->arguments[2];
    const uint64_t arguments[] = {table->address, (uint64_t)size + table->head};
    uint64_t memory = 0;
    if (!ks_nt_call(call->world, table->allocate, arguments, 2, &memory) || memory == 0) {
        return 0;
    }
    node *at = ks_guest_pointer(memory);
    for (uint32_t i = 0; i < table->head; i++) {
        ks_guest_put_number(memory + i, 1, 0);
    }
    if (parent != NULL) {
        ks_splay_link(parent, where == TableInsertAsLeft, at);
    }
    if (!table->avl) {
        LIST_ENTRY *list = &generic(table)->InsertOrderList;
        *order_of(at) = (LIST_ENTRY){list, list->Blink};
        list->Blink->Flink = order_of(at);
        list->Blink = order_of(at);
    }
    splay(table, at);
    count(table, 1);
    for (uint32_t i = 0; i < size; i++) {
        ks_guest_put_number(memory + table->head + i, 1, ks_guest_number(from + i, 1));
    }
    return memory + table->head;
}

static uint64_t insert(const struct ks_kernel_call *call, bool is_avl, node *at,
                       TABLE_SEARCH_RESULT result)
{
    struct table table = open_table(call, is_avl);
    uint64_t data =
        result == TableFoundNode ? data_of(&table, at) : insert_at(call, &table, at, result);
    if (call->arguments[3] != 0) {
        ks_guest_put_number(call->arguments[3], 1, result != TableFoundNode && data != 0);
    }
    return data;
}

static uint64_t find_and_insert(const struct ks_kernel_call *call, bool is_avl)
{
    struct table table = open_table(call, is_avl);
    TABLE_SEARCH_RESULT result;
    node *at;
    return search(call, &table, call->arguments[1], &at, &result) ? insert(call, is_avl, at, result)
                                                                  : 0;
}

static uint64_t look_up(const struct ks_kernel_call *call, bool is_avl, bool full)
{
    struct table table = open_table(call, is_avl);
    TABLE_SEARCH_RESULT result;
    node *at;
    if (!search(call, &table, call->arguments[1], &at, &result)) {
        return 0;
    }
    if (full) {
        ks_guest_put_number(call->arguments[2], 8, (uint64_t)(uintptr_t)at);
        ks_guest_put_number(call->arguments[3], 4, (uint32_t)result);
    }
    if (result != TableFoundNode) {
        return 0;
    }
    splay(&table, at);
    return data_of(&table, at);
}

static uint64_t delete_element(const struct ks_kernel_call *call, bool is_avl)
{
    struct table table = open_table(call, is_avl);
    TABLE_SEARCH_RESULT result;
    node *at;
    if (!search(call, &table, call->arguments[1], &at, &result) || result != TableFoundNode) {
        return FALSE;
    }
    *root_of(&table) = ks_splay_remove(at);
    if (!is_avl) {
        LIST_ENTRY *order = order_of(at);
        order->Blink->Flink = order->Flink;
        order->Flink->Blink = order->Blink;
    }
    count(&table, -1);
    const uint64_t arguments[] = {table.address, (uint64_t)(uintptr_t)at};
    ks_nt_call(call->world, table.release, arguments, 2, NULL);
    return TRUE;
}

uint64_t ks_rtl_insert_element(const struct ks_kernel_call *call)
{
    return find_and_insert(call, false);
}

uint64_t ks_rtl_insert_element_avl(const struct ks_kernel_call *call)
{
    return find_and_insert(call, true);
}

// The search was a LookupElement...Full: its node and result are arguments 4 and 5.
uint64_t ks_rtl_insert_element_full(const struct ks_kernel_call *call)
{
    return insert(call, false, ks_guest_pointer(call->arguments[4]),
                  (TABLE_SEARCH_RESULT)(uint32_t)call->arguments[5]);
}

uint64_t ks_rtl_insert_element_full_avl(const struct ks_kernel_call *call)
{
    return insert(call, true, ks_guest_pointer(call->arguments[4]),
                  (TABLE_SEARCH_RESULT)(uint32_t)call->arguments[5]);
}

uint64_t ks_rtl_lookup_element(const struct ks_kernel_call *call)
{
    return look_up(call, false, false);
}

uint64_t ks_rtl_lookup_element_avl(const struct ks_kernel_call *call)
{
    return look_up(call, true, false);
}

uint64_t ks_rtl_lookup_element_full(const struct ks_kernel_call *call)
{
    return look_up(call, false, true);
}

uint64_t ks_rtl_lookup_element_full_avl(const struct ks_kernel_call *call)
{
    return look_up(call, true, true);
}

uint64_t ks_rtl_delete_element(const struct ks_kernel_call *call)
{
    return delete_element(call, false);
}

uint64_t ks_rtl_delete_element_avl(const struct ks_kernel_call *call)
{
    return delete_element(call, true);
}

// ---- the whole table ----

// (table, compare, allocate, free, context)
uint64_t ks_rtl_initialize_generic_table(const struct ks_kernel_call *call)
{
    RTL_GENERIC_TABLE *table = ks_guest_pointer(call->arguments[0]);
    *table = (RTL_GENERIC_TABLE){0};
    table->InsertOrderList = (LIST_ENTRY){&table->InsertOrderList, &table->InsertOrderList};
    table->OrderedPointer = &table->InsertOrderList;
    ks_guest_put_number((uint64_t)(uintptr_t)&table->CompareRoutine, 8, call->arguments[1]);
    ks_guest_put_number((uint64_t)(uintptr_t)&table->AllocateRoutine, 8, call->arguments[2]);
    ks_guest_put_number((uint64_t)(uintptr_t)&table->FreeRoutine, 8, call->arguments[3]);
    table->TableContext = ks_guest_pointer(call->arguments[4]);
    return 0;
}

uint64_t ks_rtl_initialize_generic_table_avl(const struct ks_kernel_call *call)
{
    RTL_AVL_TABLE *table = ks_guest_pointer(call->arguments[0]);
    *table = (RTL_AVL_TABLE){0};
    table->BalancedRoot.Parent = &table->BalancedRoot;
    ks_guest_put_number((uint64_t)(uintptr_t)&table->CompareRoutine, 8, call->arguments[1]);
    ks_guest_put_number((uint64_t)(uintptr_t)&table->AllocateRoutine, 8, call->arguments[2]);
    ks_guest_put_number((uint64_t)(uintptr_t)&table->FreeRoutine, 8, call->arguments[3]);
    table->TableContext = ks_guest_pointer(call->arguments[4]);
    return 0;
}

uint64_t ks_rtl_is_generic_table_empty(const struct ks_kernel_call *call)
{
    const RTL_GENERIC_TABLE *table = ks_guest_pointer(call->arguments[0]);
    return table->TableRoot == NULL;
}

uint64_t ks_rtl_is_generic_table_empty_avl(const struct ks_kernel_call *call)
{
    const RTL_AVL_TABLE *table = ks_guest_pointer(call->arguments[0]);
    return table->NumberGenericTableElements == 0;
}

uint64_t ks_rtl_number_generic_table_elements(const struct ks_kernel_call *call)
{
    const RTL_GENERIC_TABLE *table = ks_guest_pointer(call->arguments[0]);
    return table->NumberGenericTableElements;
}

uint64_t ks_rtl_number_generic_table_elements_avl(const struct ks_kernel_call *call)
{
    const RTL_AVL_TABLE *table = ks_guest_pointer(call->arguments[0]);
    return table->NumberGenericTableElements;
}

// From where the caller's key points to; a null key begins. The key moves on.
static uint64_t enumerate_key(const struct ks_kernel_call *call, bool is_avl)
{
    struct table table = open_table(call, is_avl);
    node *at = ks_guest_pointer(ks_guest_number(call->arguments[1], 8));
    at = at == NULL ? ks_splay_first(*root_of(&table)) : ks_splay_next(at);
    if (at != NULL) {
        ks_guest_put_number(call->arguments[1], 8, (uint64_t)(uintptr_t)at);
    }
    return data_of(&table, at);
}

uint64_t ks_rtl_enumerate_without_splaying(const struct ks_kernel_call *call)
{
    return enumerate_key(call, false);
}

uint64_t ks_rtl_enumerate_without_splaying_avl(const struct ks_kernel_call *call)
{
    return enumerate_key(call, true);
}

// (table, restart): the table remembers where it was; a splay table by its root.
uint64_t ks_rtl_enumerate_generic_table(const struct ks_kernel_call *call)
{
    struct table table = open_table(call, false);
    bool restart = (uint8_t)call->arguments[1] != 0;
    node *root = *root_of(&table);
    node *at = root == NULL ? NULL : restart ? ks_splay_first(root) : ks_splay_next(root);
    if (at != NULL) {
        splay(&table, at);
    }
    return data_of(&table, at);
}

uint64_t ks_rtl_enumerate_generic_table_avl(const struct ks_kernel_call *call)
{
    struct table table = open_table(call, true);
    RTL_AVL_TABLE *kept = avl(&table);
    bool restart = (uint8_t)call->arguments[1] != 0 || kept->RestartKey == NULL;
    node *at = restart ? ks_splay_first(*root_of(&table)) : ks_splay_next((node *)kept->RestartKey);
    if (at != NULL) {
        kept->RestartKey = (PRTL_BALANCED_LINKS)at;
    }
    return data_of(&table, at);
}

// Element number n in the order of insertion.
uint64_t ks_rtl_get_element_generic_table(const struct ks_kernel_call *call)
{
    struct table table = open_table(call, false);
    uint32_t wanted = (uint32_t)call->arguments[1];
    if (wanted >= generic(&table)->NumberGenericTableElements) {
        return 0;
    }
    LIST_ENTRY *entry = generic(&table)->InsertOrderList.Flink;
    for (uint32_t i = 0; i < wanted; i++) {
        entry = entry->Flink;
    }
    return (uint64_t)(uintptr_t)(entry + 1);
}

uint64_t ks_rtl_get_element_generic_table_avl(const struct ks_kernel_call *call)
{
    struct table table = open_table(call, true);
    uint32_t wanted = (uint32_t)call->arguments[1];
    if (wanted >= avl(&table)->NumberGenericTableElements) {
        return 0;
    }
    node *at = ks_splay_first(*root_of(&table));
    for (uint32_t i = 0; i < wanted && at != NULL; i++) {
        at = ks_splay_next(at);
    }
    return data_of(&table, at);
}
