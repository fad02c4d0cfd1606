// SPDX-License-Identifier: MIT
// The drivers of this example under a fuzzer: libFuzzer, AFL++, or replay.c.
//
// An input is a list of requests, each of them
//
//     1 byte   which control code, modulo the number of them
//     1 byte   room for output
//     1 byte   length of the input; what is not there any more is left out
//     n bytes  the input
//
// For each input label.sys is loaded, gets the requests, and is unloaded, so that an input does the
// same whenever it is run. Making a world takes longer than an input does: one serves
// INPUTS_OF_A_WORLD of them. A crash is what the sanitizers see, and also what kldr says: a stop
// code, a finding, a request that the simulated kernel could not serve.
#include <kldr/io.h>
#include <kldr/kldr.h>

#define RECORDSAPI
#define DriverEntry records_entry
#include "../records.c"
#undef DriverEntry
static NTSTATUS(NTAPI *imp_RecordNext)(PRECORDS, PRECORD);
#define RecordNext  imp_RecordNext
#define DriverEntry label_entry
#include "../label.c"
#undef DriverEntry
#undef RecordNext

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_REQUESTS = 32, HEADER = 3, INPUTS_OF_A_WORLD = 256 };

static const struct kldr_host_export exports[] = {KLDR_EXPORT(RecordNext)};
static const struct kldr_host_driver records_driver = {
    .name = "records.sys",
    .exports = exports,
    .export_count = 1,
    .wdm = {.DllInitialize = (kldr_any_function)DllInitialize,
            .DllUnload = (kldr_any_function)DllUnload}};
static const struct kldr_host_import imports[] = {KLDR_IMPORT(records.sys, RecordNext)};
static const struct kldr_host_driver label_driver = {
    .name = "label.sys",
    .imports = imports,
    .import_count = 1,
    .wdm = {.DriverEntry = (kldr_any_function)label_entry}};

// abort() in the callback: the driver that did it is still on the stack.
static void on_event(void *user, const struct kldr_event *event)
{
    (void)user;
    if (event->kind == KLDR_EVENT_FINDING) {
        fprintf(stderr, "kldr: finding %s: %s %s\n", event->reason, event->module,
                event->detail != NULL ? event->detail : "");
        abort();
    }
    if (event->kind == KLDR_EVENT_BUGCHECK) {
        fprintf(stderr, "kldr: stop 0x%llX in %s\n", (unsigned long long)event->value,
                event->module != NULL ? event->module : "the kernel");
        abort();
    }
}

// Drivers may refuse; kldr's own errors mean that the harness asks for something it cannot have.
static void check(const char *what, kldr_status status, bool may_fail)
{
    if (status != KLDR_STATUS_SUCCESS && (!may_fail || KLDR_IS_OWN_STATUS(status))) {
        fprintf(stderr, "kldr: %s: 0x%08X\n", what, (unsigned)status);
        abort();
    }
}

static struct kldr_world *make_world(void)
{
    static struct kldr_kernel *kernel; // takes longest to make, and nothing changes it
    struct kldr_world_options options = {.on_event = on_event};
    struct kldr_world *world = NULL;

    if (kernel == NULL) {
        check("kernel", kldr_kernel_create(KLDR_MACHINE_X64, NULL, &kernel, NULL), false);
    }
    options.kernel = kernel;
    kldr_policy_init(&options.policy, KLDR_PROFILE_24H2);
    check("create", kldr_world_create(&options, &world, NULL), false);
    check("records.sys", kldr_world_add_host_driver(world, "records.sys", &records_driver, NULL),
          false);
    check("label.sys", kldr_world_add_host_driver(world, "label.sys", &label_driver, NULL), false);
    return world;
}

// Sends the first request of an input and returns the bytes it took.
static size_t send_request(struct kldr_world *world, const uint8_t *data, size_t size)
{
    static const uint32_t codes[] = {IOCTL_LABEL_SET, IOCTL_LABEL_GET, IOCTL_LABEL_CLEAR,
                                     IOCTL_LABEL_SET + 0x100};
    static uint8_t output[UINT8_MAX];
    size_t length = data[2] < size - HEADER ? data[2] : size - HEADER;
    struct kldr_request request = {.device = "\\Device\\Label",
                                   .input = data + HEADER,
                                   .input_size = length,
                                   .output = output,
                                   .output_size = data[1]};
    uint32_t code = codes[data[0] % (sizeof codes / sizeof codes[0])];

    check("request", kldr_world_ioctl(world, code, &request, NULL, NULL), true);
    return HEADER + length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct kldr_world *world;
    static unsigned inputs;

    if (inputs++ % INPUTS_OF_A_WORLD == 0) {
        kldr_world_destroy(world);
        world = make_world();
    }
    check("load", kldr_world_load(world, "label", NULL), false);
    for (int i = 0; i < MAX_REQUESTS && size >= HEADER; i++) {
        size_t used = send_request(world, data, size);
        data += used;
        size -= used;
    }
    // Tells what label.sys leaves behind.
    check("unload", kldr_world_unload(world, "label", NULL), false);
    return 0;
}
