// SPDX-License-Identifier: MIT
// Ps: what there is to know of the one process.

#include "kernel/ps/ps_process.h"
#include "kernel/ke/ke_state.h"

#define CURRENT_PROCESS UINT64_MAX
#define LAST_CLASS      112u   // PROCESSINFOCLASS
#define NAME            0x5A8u // EPROCESS.ImageFileName of build 19041

void ks_ps_process_name(uint64_t process)
{
    static const char name[] = "System";
    for (size_t i = 0; i < sizeof name; i++) {
        ks_guest_put_number(process + NAME + i, 1, (uint8_t)name[i]);
    }
}

uint64_t ks_ps_process_image_name(const struct ks_kernel_call *call)
{
    return call->arguments[0] + NAME;
}

// When the system started.
uint64_t ks_ps_process_create_time(const struct ks_kernel_call *call)
{
    return ks_ke(call->world)->start;
}

// The system's has none.
uint64_t ks_ps_process_no_parent(const struct ks_kernel_call *call)
{
    (void)call;
    return 0;
}

// No thread has one: there is no user mode.
uint64_t ks_ps_process_no_teb(const struct ks_kernel_call *call)
{
    (void)call;
    return 0;
}

// ---- ZwQueryInformationProcess ----

static const struct answer {
    uint8_t class, size;
    struct {
        uint8_t offset, size;
        uint32_t value;
    } fields[3];
} answers[] = {
    // ProcessBasicInformation: exit status, affinity, priority; the rest below
    {0, 48, {{0, 4, 0x103}, {16, 8, 1}, {24, 4, 8}}},
    {7, 8, {{0, 0, 0}}},  // ProcessDebugPort: none
    {24, 4, {{0, 0, 0}}}, // ProcessSessionInformation: session 0
    {26, 8, {{0, 0, 0}}}, // ProcessWow64Information: no 32-bit process
    {29, 4, {{0, 0, 0}}}, // ProcessBreakOnTermination: not set
};

static const struct answer *find_answer(uint32_t class)
{
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (answers[i].class == class) {
            return &answers[i];
        }
    }
    return NULL;
}

static void write_answer(const struct answer *answer, uint64_t buffer)
{
    for (unsigned i = 0; i < answer->size; i++) {
        ks_guest_put_number(buffer + i, 1, 0);
    }
    for (unsigned i = 0; i < sizeof answer->fields / sizeof answer->fields[0]; i++) {
        ks_guest_put_number(buffer + answer->fields[i].offset, answer->fields[i].size,
                            answer->fields[i].value);
    }
    if (answer->class == 0) {
        ks_guest_put_number(buffer + 32, 8, KS_KE_PROCESS_ID);
    }
}

static NTSTATUS look_at_handle(const struct ks_kernel_call *call)
{
    struct ks_object *object = NULL;
    if (call->arguments[0] == CURRENT_PROCESS) {
        return STATUS_SUCCESS;
    }
    NTSTATUS status =
        ks_ob_handle_reference(call->world, call->arguments[0], KS_OB_PROCESS, 0, false, &object);
    if (NT_SUCCESS(status)) {
        ks_ob_dereference(call->world, object);
    }
    return status;
}

// (process, class, buffer, room, length)
uint64_t ks_ps_process_query(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const struct answer *answer = find_answer((uint32_t)a[1]);
    if (answer == NULL) {
        return (uint32_t)a[1] > LAST_CLASS
                   ? KS_STATUS(STATUS_INVALID_INFO_CLASS)
                   : ks_nt_lacking(call, "this class of ZwQueryInformationProcess");
    }
    if ((uint32_t)a[3] != answer->size) {
        return KS_STATUS(STATUS_INFO_LENGTH_MISMATCH);
    }
    NTSTATUS status = look_at_handle(call);
    if (NT_SUCCESS(status)) {
        write_answer(answer, a[2]);
        if (a[4] != 0) {
            ks_guest_put_number(a[4], 4, answer->size);
        }
    }
    return KS_STATUS(status);
}
