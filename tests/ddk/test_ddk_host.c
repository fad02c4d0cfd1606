// SPDX-License-Identifier: MIT
// kldr's kernel headers with the host's own compiler: what is inline in them works there.
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct item {
    int number;
    LIST_ENTRY entry;
};

static int number_of(PLIST_ENTRY entry)
{
    return CONTAINING_RECORD(entry, struct item, entry)->number;
}

static void a_new_list_is_empty(void **state)
{
    LIST_ENTRY head;

    (void)state;
    InitializeListHead(&head);
    assert_true(IsListEmpty(&head));
    assert_ptr_equal(RemoveHeadList(&head), &head);
}

static void entries_come_out_in_the_order_of_the_list(void **state)
{
    struct item items[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
    LIST_ENTRY head;

    (void)state;
    InitializeListHead(&head);
    InsertTailList(&head, &items[1].entry);
    InsertTailList(&head, &items[2].entry);
    InsertHeadList(&head, &items[0].entry);
    assert_int_equal(number_of(RemoveTailList(&head)), 2);
    assert_int_equal(number_of(RemoveHeadList(&head)), 0);
    assert_true(RemoveEntryList(&items[1].entry));
    assert_true(IsListEmpty(&head));
}

static void a_list_without_head_is_appended_whole(void **state)
{
    struct item items[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
    LIST_ENTRY head;

    (void)state;
    InitializeListHead(&head);
    InsertTailList(&head, &items[0].entry);
    InitializeListHead(&items[1].entry);
    InsertTailList(&items[1].entry, &items[2].entry);
    AppendTailList(&head, &items[1].entry);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(number_of(RemoveHeadList(&head)), i);
    }
    assert_true(IsListEmpty(&head));
}

static void a_single_list_is_a_stack(void **state)
{
    SINGLE_LIST_ENTRY head = {NULL};
    SINGLE_LIST_ENTRY entries[2];

    (void)state;
    PushEntryList(&head, &entries[0]);
    PushEntryList(&head, &entries[1]);
    assert_ptr_equal(PopEntryList(&head), &entries[1]);
    assert_ptr_equal(PopEntryList(&head), &entries[0]);
    assert_null(PopEntryList(&head));
}

static void interlocked_functions_return_what_windows_says(void **state)
{
    LONG value = 5;

    (void)state;
    assert_int_equal(InterlockedIncrement(&value), 6);
    assert_int_equal(InterlockedDecrement(&value), 5);
    assert_int_equal(InterlockedExchangeAdd(&value, 10), 5);
    assert_int_equal(InterlockedExchange(&value, 7), 15);
    assert_int_equal(InterlockedCompareExchange(&value, 1, 8), 7);
    assert_int_equal(InterlockedCompareExchange(&value, 1, 7), 7);
    assert_int_equal(value, 1);
}

static void a_literal_becomes_a_counted_string(void **state)
{
    WCHAR text[] = u"\\Device\\Port";
    UNICODE_STRING array = RTL_CONSTANT_STRING(text);

    (void)state;
    assert_int_equal(array.Length, 24);
    assert_int_equal(array.MaximumLength, 26);
    assert_int_equal(array.Buffer[1], 'D');
}

static void the_two_top_bits_of_a_status_are_its_severity(void **state)
{
    (void)state;
    assert_true(NT_SUCCESS(STATUS_SUCCESS));
    assert_true(NT_SUCCESS(STATUS_OBJECT_NAME_EXISTS));
    assert_true(NT_INFORMATION(STATUS_OBJECT_NAME_EXISTS));
    assert_false(NT_SUCCESS(STATUS_BUFFER_OVERFLOW));
    assert_true(NT_WARNING(STATUS_BUFFER_OVERFLOW));
    assert_true(NT_ERROR(STATUS_UNSUCCESSFUL));
}

static void the_current_stack_location_moves_up(void **state)
{
    IO_STACK_LOCATION stack[2] = {{.MajorFunction = IRP_MJ_READ}, {.MajorFunction = IRP_MJ_WRITE}};
    IRP irp = {.CurrentLocation = 1};

    (void)state;
    irp.Tail.Overlay.CurrentStackLocation = &stack[0];
    IoMarkIrpPending(&irp);
    assert_int_equal(stack[0].Control, SL_PENDING_RETURNED);
    IoSkipCurrentIrpStackLocation(&irp);
    assert_int_equal(IoGetCurrentIrpStackLocation(&irp)->MajorFunction, IRP_MJ_WRITE);
    assert_ptr_equal(IoGetNextIrpStackLocation(&irp), &stack[0]);
    assert_int_equal(irp.CurrentLocation, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_list_is_empty),
        cmocka_unit_test(entries_come_out_in_the_order_of_the_list),
        cmocka_unit_test(a_list_without_head_is_appended_whole),
        cmocka_unit_test(a_single_list_is_a_stack),
        cmocka_unit_test(interlocked_functions_return_what_windows_says),
        cmocka_unit_test(a_literal_becomes_a_counted_string),
        cmocka_unit_test(the_two_top_bits_of_a_status_are_its_severity),
        cmocka_unit_test(the_current_stack_location_moves_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
