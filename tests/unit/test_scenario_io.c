// SPDX-License-Identifier: MIT
// Steps on devices and requests: what they say, and what is wrong with them.
#include "parse_case.h"

#include "test.h"

#include <string.h>

#define DEVICES                                                                                    \
    HEAD "images: { port.sys: { AddDevice: STATUS_SUCCESS }, top.sys: { flags: pnp } }\n"
// Steps begin in line 4; the first makes the device `dev`.
#define STEPS(text)  DEVICES "steps:\n" text
#define ADDED(text)  STEPS("  - add_device: { service: port, name: dev }\n" text)
#define STEP(text)   ADDED("  - " text "\n") // in line 5, column 5
#define EXPECT(text) ADDED("  - check:\n    expect: { " text " }\n")
#define IMAGE(text)  HEAD "images:\n  a.sys:\n    " text "\n"

static struct ks_scenario_file *file;

static const struct ks_step *parse(const char *text)
{
    file = parse_case_parse(text);
    return file->scenarios[0].steps;
}

static int tear_down(void **state)
{
    (void)state;
    ks_scenario_file_destroy(file);
    file = NULL;
    return 0;
}

// ---- what is built ----

static void devices_keep_what_is_said_of_them(void **state)
{
    const struct ks_step *steps = parse(STEPS(
        "  - add_device: port.sys\n"
        "  - add_device: { stack: [port, top], name: d, hardware_id: X, start: false, resources: "
        "[\n"
        "      { port: 0x1F0, length: 8 }, { memory: 0x100000000 }, { interrupt: 14 }] }\n"
        "  - remove_device: d\n  - remove_device: { device: PORT, surprise: true }\n"
        "  - power: { device: d, state: S3 }\n  - power: { device: d, state: D0, query: true }\n"));
    const struct ks_step_io *io = steps[0].io;
    (void)state;
    assert_int_equal(steps[0].action, KS_ACTION_ADD_DEVICE);
    assert_string_equal(io->name, "port");
    assert_string_equal(steps[0].target, "port");
    assert_string_equal(io->services[0].name, "port");
    assert_string_equal(io->services[0].image, "\\SystemRoot\\System32\\drivers\\port.sys");
    assert_false(io->no_start);
    io = steps[1].io;
    assert_int_equal(io->service_count, 2);
    assert_string_equal(io->services[1].name, "top");
    assert_string_equal(io->hardware_id, "X");
    assert_true(io->no_start);
    assert_int_equal(io->resource_count, 3);
    assert_int_equal(io->resources[0].kind, KS_IO_RESOURCE_PORT);
    assert_int_equal(io->resources[0].length, 8);
    assert_true(io->resources[1].base == UINT64_C(0x100000000) && io->resources[1].length == 1);
    assert_int_equal(io->resources[2].kind, KS_IO_RESOURCE_INTERRUPT);
    assert_string_equal(steps[2].io->device, "d");
    assert_true(!steps[2].io->surprise && steps[3].io->surprise);
    assert_true(!steps[4].io->of_device && steps[4].io->state == 3 && !steps[4].io->query);
    assert_true(steps[5].io->of_device && steps[5].io->state == 0 && steps[5].io->query);
    assert_int_equal(file->scenarios[0].io_step_count, 6);
}

static void requests_keep_what_is_said_of_them(void **state)
{
    const struct ks_step *steps = parse(ADDED(
        "  - read: { device: dev, length: 512, offset: 0x100000000, repeat: 9, stride: 512 }\n"
        "  - write: { device: dev, data: 00, open: false, as: w }\n"
        "  - ioctl: { device: dev, code: 0x222004, input: 01, output: 16 }\n"
        "  - ioctl: { device: dev, code: 1, internal: true }\n"
        "  - irp: { device: dev, minor: IRP_MN_SET_POWER, arguments: [1, 2] }\n"
        "  - irp: { device: dev, major: IRP_MJ_PNP, minor: 0x17, length: 4 }\n"
        "  - open_file: { device: dev, as: h }\n  - close_file: H\n"
        "  - complete: { request: w, status: STATUS_CANCELLED, information: 3, bytes: 55 }\n"));
    const struct ks_step_io *io = steps[1].io;
    (void)state;
    assert_int_equal(io->major, 3);
    assert_true(io->offset == UINT64_C(0x100000000));
    assert_int_equal(io->length, 512);
    assert_int_equal(io->repeat, 9);
    assert_int_equal(io->stride, 512);
    assert_false(io->no_open);
    assert_int_equal(steps[2].io->major, 4);
    assert_true(steps[2].io->no_open);
    assert_string_equal(steps[2].io->as, "w");
    assert_int_equal(steps[3].io->major, 14);
    assert_int_equal(steps[3].io->length, 16);
    assert_int_equal(steps[4].io->major, 15);
    assert_int_equal(steps[5].io->major, 22);
    assert_int_equal(steps[5].io->minor, 2);
    assert_int_equal(steps[5].io->argument_count, 2);
    assert_true(steps[5].io->no_open);
    assert_int_equal(steps[6].io->major, 27);
    assert_int_equal(steps[6].io->minor, 0x17);
    assert_string_equal(steps[8].io->as, "H");
    assert_true(steps[9].has_status && steps[9].io->has_information);
    assert_int_equal(steps[9].io->information, 3);
    assert_string_equal(steps[9].target, "w");
}

static void assert_bytes(const struct ks_data *data, const void *bytes, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < data->piece_count; i++) {
        assert_int_equal(data->pieces[i].kind, KS_PIECE_BYTES);
        assert_true(at + data->pieces[i].size <= size);
        assert_memory_equal(data->pieces[i].bytes, (const uint8_t *)bytes + at,
                            data->pieces[i].size);
        at += data->pieces[i].size;
    }
    assert_int_equal(at, size);
}

static void data_become_bytes(void **state)
{
    const struct ks_step *steps = parse(ADDED(
        "  - write: { device: dev, data: 55 aA00 }\n"
        "  - write: { device: dev, data: [1, 0xFF, { u16: 0x0102 }, { u32: [3, 0x04050607] }] }\n"
        "  - write: { device: dev, data: { u64: 0x0102030405060708 } }\n"
        "  - write: { device: dev, data: [{ text: \"a\\n\" }, { wide: \"a\\u20ac\\U00010437\" }] "
        "}\n"
        "  - write: { device: dev, data: [] }\n"
        "  - write: { device: dev, data: [{ fill: 7, length: 3 }, { file: x.bin }] }\n"));
    const struct ks_data *data = &steps[6].io->data;
    (void)state;
    assert_bytes(&steps[1].io->data, "\x55\xAA\x00", 3);
    assert_bytes(&steps[2].io->data, "\x01\xFF\x02\x01\x03\0\0\0\x07\x06\x05\x04", 12);
    assert_bytes(&steps[3].io->data, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
    assert_bytes(&steps[4].io->data, "a\na\0\xAC\x20\x01\xD8\x37\xDC", 10);
    assert_true(steps[5].io->data.given);
    assert_bytes(&steps[5].io->data, "", 0);
    assert_int_equal(data->piece_count, 2);
    assert_int_equal(data->pieces[0].kind, KS_PIECE_FILL);
    assert_int_equal(data->pieces[0].size, 3);
    assert_int_equal(data->pieces[1].kind, KS_PIECE_FILE);
    assert_string_equal(data->pieces[1].file.text, "x.bin");
    assert_int_equal(file->scenarios[0].file_data_count, 1);
    assert_ptr_equal(file->scenarios[0].file_data[0].pieces, data->pieces);
}

static void registry_values_become_what_the_registry_holds(void **state)
{
    const struct ks_step *steps = parse(
        STEPS("  - set_registry: { service: port, value: A, data: 0x10 }\n"
              "  - set_registry: { service: PORT.sys, value: A, type: REG_QWORD, data: 1 }\n"
              "  - set_registry: { key: '\\Registry\\Machine\\x', value: A, data: ab }\n"
              "  - set_registry: { key: '\\Registry\\Machine\\x', value: A, data: [a, b] }\n"
              "  - set_registry: { key: '\\Registry\\Machine\\x', value: A, type: REG_BINARY, "
              "data: ab }\n"
              "  - set_registry: { key: '\\Registry\\Machine\\x', value: A, data: { u16: 1 } }\n"
              "  - set_registry: { key: '\\Registry\\Machine\\x', absent: true }\n"));
    (void)state;
    assert_string_equal(steps[0].io->registry.service, "port");
    assert_string_equal(steps[1].io->registry.service, "PORT");
    assert_int_equal(steps[0].io->registry.type, 4);
    assert_bytes(&steps[0].io->registry.data, "\x10\0\0\0", 4);
    assert_int_equal(steps[1].io->registry.type, 11);
    assert_bytes(&steps[1].io->registry.data, "\x01\0\0\0\0\0\0\0", 8);
    assert_int_equal(steps[2].io->registry.type, 1);
    assert_bytes(&steps[2].io->registry.data, "a\0b\0\0\0", 6);
    assert_int_equal(steps[3].io->registry.type, 7);
    assert_bytes(&steps[3].io->registry.data, "a\0\0\0b\0\0\0\0\0", 10);
    assert_int_equal(steps[4].io->registry.type, 3);
    assert_bytes(&steps[4].io->registry.data, "\xAB", 1);
    assert_int_equal(steps[5].io->registry.type, 3);
    assert_true(steps[6].io->registry.absent && steps[6].io->registry.value == NULL);
}

static void times_are_units_of_100_ns(void **state)
{
    const struct ks_step *steps = parse(HEAD "steps: [advance: 3us, advance: 2ms, advance: 5s, "
                                             "advance: 1min, advance: 999999999h]\n");
    (void)state;
    assert_int_equal(steps[0].io->time, 30);
    assert_int_equal(steps[1].io->time, 20000);
    assert_int_equal(steps[2].io->time, 50000000);
    assert_int_equal(steps[3].io->time, 600000000);
    assert_true(steps[4].io->time == UINT64_C(999999999) * UINT64_C(36000000000));
    assert_string_equal(steps[2].target, "5s");
}

static void expectations_on_devices_are_kept(void **state)
{
    const struct ks_step *steps = parse(ADDED(
        "  - read: { device: dev, length: 1 }\n    expect:\n      information: 0x10\n"
        "      bytes: { at: { 0: 55AA, 0x1FE: [1] } }\n"
        "      device_stack: { dev: [port.sys], none: absent }\n"
        "      devices: { port.sys: { contains: [unnamed] } }\n"
        "      pool: { port.sys: { Port: 16, 'a b': 0 }, top.sys: 4 }\n"
        "      objects: { port.sys: { device: 1 }, top.sys: {} }\n      irql: DISPATCH_LEVEL\n"
        "      port_writes: [{ port: 1, width: 2 }]\n"
        "    expect_by_profile: { nt52: { bytes: { contains: 00 }, irql: 31 } }\n"));
    const struct ks_expect *expect = &steps[1].expect;
    const struct ks_expect *nt52 = ks_step_expect(&steps[1], KLDR_PROFILE_NT52);
    (void)state;
    assert_int_equal(expect->information.value, 16);
    assert_int_equal(expect->bytes.mode, KS_BYTES_AT);
    assert_int_equal(expect->bytes.at_count, 2);
    assert_int_equal(expect->bytes.at[1].offset, 0x1FE);
    assert_true(expect->device_stack.pairs[0].is_list);
    assert_string_equal(expect->device_stack.pairs[1].text, "absent");
    assert_int_equal(expect->devices.pairs[0].list_mode, KS_LIST_CONTAINS);
    assert_true(expect->pool.pairs[0].is_map && expect->pool.pairs[0].pair_count == 2);
    assert_int_equal(expect->pool.pairs[0].pairs[0].number, 16);
    assert_true(expect->pool.pairs[1].is_number && !expect->pool.pairs[1].is_map);
    assert_true(expect->objects.pairs[1].is_map && expect->objects.pairs[1].pair_count == 0);
    assert_string_equal(expect->objects.pairs[0].pairs[0].name, "device");
    assert_int_equal(expect->irql.value, 2);
    assert_int_equal(expect->port_writes.items[0].field_count, 2);
    assert_int_equal(nt52->bytes.mode, KS_BYTES_CONTAINS);
    assert_int_equal(nt52->irql.value, 31);
    assert_int_equal(nt52->information.value, 16);
}

static void declared_drivers_say_what_they_answer(void **state)
{
    parse(IMAGE("AddDevice: absent\n    devices: { '\\Device\\A': '\\??\\A' }\n"
                "    routines: { R: { information: 3, bytes: 00 }, P: { pass_down: true } }\n"
                "  b.sys: { flags: pnp, devices: ['\\Device\\B', '\\Device\\C'] }\n"
                "  c.sys: { AddDevice: [STATUS_SUCCESS, { status: STATUS_NO_MEMORY }] }"));
    const struct ks_image *images = file->scenarios[0].images;
    const struct ks_routine_entry *read = images[0].routines[0].routine.entries;
    (void)state;
    assert_true(images[0].add_device.absent && !images[0].flag_pnp);
    assert_string_equal(images[0].devices[0].name, "\\Device\\A");
    assert_string_equal(images[0].devices[0].link, "\\??\\A");
    assert_true(read->has_information && read->information == 3 && read->bytes.given);
    assert_true(images[0].routines[1].routine.entries->pass_down);
    assert_int_equal(images[1].add_device.entry_count, 1);
    assert_int_equal(images[1].device_count, 2);
    assert_null(images[1].devices[1].link);
    assert_true(images[2].flag_pnp);
    assert_int_equal(images[2].add_device.entry_count, 2);
}

// ---- what is refused ----

static void forms_are_judged(void **state)
{
    static const struct parse_case cases[] = {
        {STEP("read: { device: dev }"), 5, 11, "steps[1].read", "the key `length` is missing", ""},
        {STEP("read: { device: dev, length: 16777217 }"), 5, 34, "steps[1].read.length",
         "a number of bytes up to 16777216", ""},
        {STEP("read: { device: dev, length: 1, as: r, repeat: 2 }"), 5, 52, "steps[1].read.repeat",
         "`repeat` cannot be given beside `as`", ""},
        {STEP("read: { device: dev, length: 1, stride: 2 }"), 5, 45, "steps[1].read.stride",
         "`stride` goes with `repeat` only", ""},
        {STEP("read: { device: dev, lenght: 1, length: 1 }"), 5, 26, "steps[1].read.lenght",
         "unknown key `lenght`", "`length`"},
        {STEP("write: { device: dev, data: 5 }"), 5, 33, "steps[1].write.data", "in pairs", ""},
        {STEP("write: { device: dev, data: 55 5g }"), 5, 36, "steps[1].write.data", "in pairs", ""},
        {STEP("write: { device: dev, data: hello }"), 5, 33, "steps[1].write.data",
         "a text is {text: ...}", ""},
        {STEP("write: { device: dev, data: [256] }"), 5, 34, "steps[1].write.data[0]",
         "a number from 0 to 255", ""},
        {STEP("write: { device: dev, data: { fill: 1 } }"), 5, 41, "steps[1].write.data.fill",
         "`fill` goes with `length` only", ""},
        {STEP("write: { device: dev, data: { u16: 65536 } }"), 5, 40, "steps[1].write.data.u16",
         "a number of 16 bits", ""},
        {STEP("irp: { device: dev }"), 5, 10, "steps[1].irp", "`major`, `minor`", ""},
        {STEP("irp: { device: dev, minor: IRP_MN_START_DEVISE }"), 5, 32, "steps[1].irp.minor",
         "expected an IRP_MN_ name", "`IRP_MN_START_DEVICE`"},
        {STEP("power: { device: dev, state: D4 }"), 5, 34, "steps[1].power.state", "a power state",
         ""},
        {STEP("advance: 5"), 5, 14, "steps[1].advance", "as in 5s", ""},
        {STEP("advance: 1234567890s"), 5, 14, "steps[1].advance", "up to 9 digits", ""},
        {STEP("port_io: { port: 65536, reads: [1] }"), 5, 22, "steps[1].port_io.port",
         "a port from 0 to 0xFFFF", ""},
        {STEP("port_io: { port: 1, reads: [] }"), 5, 32, "steps[1].port_io.reads",
         "a list of numbers, found 0", ""},
        {STEP("set_registry: { key: Software, value: A, data: 1 }"), 5, 26,
         "steps[1].set_registry.key", "\\Registry\\Machine", ""},
        {STEP("set_registry: { service: port, data: 1 }"), 5, 42, "steps[1].set_registry.data",
         "`data` goes with `value` only", ""},
        {STEP("add_device: { service: port, stack: [port] }"), 5, 17, "steps[1].add_device",
         "only one of these can be given", ""},
        {STEP("add_device: { service: port, name: '\\Device\\X' }"), 5, 40,
         "steps[1].add_device.name", "no backslash in front", ""},
        {STEP("read: { device: dev, length: 1 }\n    expect: { bytes: { at: {} } }"), 6, 28,
         "steps[1].expect.bytes.at", "found 0 entries", ""},
        {EXPECT("irql: 32"), 6, 21, "steps[1].expect.irql", "a level", ""},
        {EXPECT("objects: { port.sys: { devise: 1 } }"), 6, 38,
         "steps[1].expect.objects.port.sys.devise", "a kind of objects", "`device`"},
        {IMAGE("devices: [Device]"), 4, 15, "images.a.sys.devices[0]", "is a path", ""},
        {IMAGE("routines: { R: { pass_down: true, bytes: 00 } }"), 4, 46,
         "images.a.sys.routines.R.bytes", "`bytes` cannot be given beside `pass_down`", ""},
        {IMAGE("DriverUnload: { bytes: 00 }"), 4, 21, "images.a.sys.DriverUnload.bytes",
         "unknown key `bytes`", "known keys"},
    };
    (void)state;
    parse_case_refuses_all(cases, COUNT_OF(cases), KS_DIAGNOSTIC_FORM);
}

static void names_must_exist_and_values_fit(void **state)
{
    static const struct parse_case cases[] = {
        {STEP("add_device: prot"), 5, 17, "steps[1].add_device", "no service `prot`", "`port.sys`"},
        {STEP("add_device: { stack: [port, tob] }"), 5, 33, "steps[1].add_device.stack[1]",
         "no service `tob`", "`top.sys`"},
        {STEP("read: { device: dew, length: 1 }"), 5, 21, "steps[1].read.device",
         "no step makes a device or file `dew`", "`dev`"},
        {STEP("remove_device: port"), 5, 20, "steps[1].remove_device", "`port`", ""},
        {STEP("close_file: h"), 5, 17, "steps[1].close_file", "no step opens a file `h`", ""},
        {STEP("wait: r1"), 5, 11, "steps[1].wait", "no step makes a request `r1`", ""},
        {STEP("complete: { request: r1 }"), 5, 15, "steps[1].complete", "`r1`", ""},
        {STEP("irp: { device: dev, major: IRP_MJ_READ, minor: IRP_MN_START_DEVICE }"), 5, 52,
         "steps[1].irp.minor", "IRP_MN_START_DEVICE belongs to IRP_MJ_PNP", ""},
        {STEP("set_registry: { service: pork, value: A, data: 1 }"), 5, 30,
         "steps[1].set_registry.service", "no service `pork`", "`port.sys`"},
        {STEP("set_registry: { service: port, value: A, type: REG_DWORD, data: x }"), 5, 69,
         "steps[1].set_registry.data", "REG_DWORD takes a number", ""},
        {STEP("set_registry: { service: port, value: A, type: REG_SZ, data: [x] }"), 5, 66,
         "steps[1].set_registry.data", "take a text", ""},
        {STEP("set_registry: { service: port, value: A, type: REG_BINARY, data: xy }"), 5, 70,
         "steps[1].set_registry.data", "REG_BINARY takes hexadecimal", ""},
        {STEP("set_registry: { service: port, value: A, type: REG_MULTI_SZ, data: ['', a] }"), 5,
         73, "steps[1].set_registry.data[0]", "not empty", ""},
        {EXPECT("information: 1"), 6, 28, "steps[1].expect.information",
         "`information` is an expectation of", ""},
        {EXPECT("bytes: 00"), 6, 22, "steps[1].expect.bytes", "`bytes` is an expectation of", ""},
        {EXPECT("device_stack: { any: [tob.sys] }"), 6, 37, "steps[1].expect.device_stack.any[0]",
         "no module `tob.sys`", "`top.sys`"},
        {EXPECT("pool: { tob.sys: 0 }"), 6, 23, "steps[1].expect.pool.tob.sys",
         "no module `tob.sys`", "`top.sys`"},
        {EXPECT("objects: { hal.dll: 0 }"), 6, 26, "steps[1].expect.objects.hal.dll",
         "kernel images cannot be named in `objects`", ""},
        {IMAGE("DriverEntry: { information: 1 }"), 4, 18, "images.a.sys.DriverEntry",
         "DriverEntry answers no requests", ""},
        {IMAGE("AddDevice: { pass_down: true }"), 4, 16, "images.a.sys.AddDevice",
         "AddDevice answers no requests", ""},
        {IMAGE("routines: { AddDevice: STATUS_SUCCESS }"), 4, 17, "images.a.sys.routines.AddDevice",
         "a key of the image itself", ""},
    };
    (void)state;
    parse_case_refuses_all(cases, COUNT_OF(cases), KS_DIAGNOSTIC_REFERENCE);
    parse_case_accepts(STEP("read: { device: '\\Device\\Any', length: 1 }"));
    parse_case_accepts(EXPECT("device_stack: { any: absent }"));
    parse_case_accepts(
        STEP("open_file: { device: DEV, as: h }\n"
             "  - irp: { device: H, major: IRP_MJ_POWER, minor: IRP_MN_SET_POWER }"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(devices_keep_what_is_said_of_them, tear_down),
        cmocka_unit_test_teardown(requests_keep_what_is_said_of_them, tear_down),
        cmocka_unit_test_teardown(data_become_bytes, tear_down),
        cmocka_unit_test_teardown(registry_values_become_what_the_registry_holds, tear_down),
        cmocka_unit_test_teardown(times_are_units_of_100_ns, tear_down),
        cmocka_unit_test_teardown(expectations_on_devices_are_kept, tear_down),
        cmocka_unit_test_teardown(declared_drivers_say_what_they_answer, tear_down),
        cmocka_unit_test(forms_are_judged),
        cmocka_unit_test(names_must_exist_and_values_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
