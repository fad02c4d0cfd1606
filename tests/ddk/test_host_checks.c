// SPDX-License-Identifier: MIT
// The checks of drivers, of one that the host's compiler made: it does one wrong thing in its
// DriverUnload, which is told, and is not where the check is switched off.
#include "test.h"

#include <kldr/world.h>

#include <ntddk.h>

#include <string.h>

#define TAG 0x6B636843u // 'Chck'

static void (*act)(void);

// ---- what it does ----

static KTIMER timer;
static ERESOURCE resource;
static KIRQL before;
static UCHAR *block;

static UCHAR *take(void)
{
    block = ExAllocatePoolWithTag(NonPagedPool, 200, TAG);
    return block;
}

static void leave_pool(void)
{
    take();
}

static void free_pool(void)
{
    ExFreePool(take());
}

static void free_twice(void)
{
    free_pool();
    ExFreePool(block);
}

static void free_other_tag(void)
{
    ExFreePoolWithTag(take(), TAG + 1);
}

static void overrun(void)
{
    take()[200] = 1;
    ExFreePool(block);
}

static void fill(void)
{
    take()[199] = 1;
    ExFreePool(block);
}

static void set_timer(PKTIMER which)
{
    LARGE_INTEGER due = {.QuadPart = -600000000};
    KeInitializeTimer(which);
    KeSetTimer(which, due, NULL);
}

static void leave_timer(void)
{
    set_timer(&timer);
}

static void cancel_timer(void)
{
    set_timer(&timer);
    KeCancelTimer(&timer);
}

static void free_timer(void)
{
    set_timer((PKTIMER)take());
    ExFreePool(block);
}

static void free_cancelled_timer(void)
{
    set_timer((PKTIMER)take());
    KeCancelTimer((PKTIMER)block);
    ExFreePool(block);
}

static void free_resource(void)
{
    ExInitializeResourceLite((PERESOURCE)take());
    ExFreePool(block);
}

static void leave_resource(void)
{
    ExInitializeResourceLite(&resource);
}

static void delete_resource(void)
{
    ExInitializeResourceLite(&resource);
    ExDeleteResourceLite(&resource);
}

static void call_raised(void)
{
    KeRaiseIrql(DISPATCH_LEVEL, &before);
    KeEnterCriticalRegion();
    KeLeaveCriticalRegion();
    KeLowerIrql(before);
}

static void stay_raised(void)
{
    KeRaiseIrql(DISPATCH_LEVEL, &before);
}

static void come_down(void)
{
    KeRaiseIrql(DISPATCH_LEVEL, &before);
    KeLowerIrql(before);
}

static void stay_in_region(void)
{
    KeEnterCriticalRegion();
}

static void leave_region(void)
{
    KeEnterCriticalRegion();
    KeLeaveCriticalRegion();
}

static void lower_up(void)
{
    KeLowerIrql(APC_LEVEL);
    KeLowerIrql(PASSIVE_LEVEL);
}

static const struct {
    const char *check;
    void (*wrong)(void);
    const char *finding; // NULL: a stop
    uint32_t code;
    uint64_t first; // parameter
    void (*right)(void);
} cases[] = {
    {"leaked-pool", leave_pool, "leaked-pool", 0, 0, free_pool},
    {"leaked-object", leave_timer, "leaked-object", 0, 0, cancel_timer},
    {"leaked-object", leave_resource, "leaked-object", 0, 0, delete_resource},
    {"pool-free", free_twice, NULL, 0xC2, 7, free_pool},
    {"pool-free", free_other_tag, NULL, 0xC2, 0xA, free_pool},
    {"pool-overrun", overrun, NULL, 0xC1, UINT64_MAX, fill},
    {"pool-contents", free_timer, NULL, 0xC7, 0, free_cancelled_timer},
    {"pool-contents", free_resource, NULL, 0xC4, 0xD2, free_pool},
    {"irql-call", call_raised, NULL, 0x0A, UINT64_MAX, come_down},
    {"irql-return", stay_raised, NULL, 0xC8, 0x20000, come_down},
    {"apc-return", stay_in_region, NULL, 0x01, UINT64_MAX, leave_region},
    {"lock-use", lower_up, NULL, 0xC4, 0x31, come_down},
};

// ---- the driver ----

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
    act();
}

static NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(path);
    driver->DriverUnload = unload;
    return STATUS_SUCCESS;
}

static const struct kldr_host_driver mini = {
    .name = "mini.sys",
    .wdm = {.DriverEntry = (kldr_any_function)entry},
};

// ---- the runs ----

struct run {
    char finding[64];
    struct kldr_bugcheck bugcheck;
    bool stopped;
};

static void on_event(void *user, const struct kldr_event *event)
{
    struct run *run = user;
    if (event->kind == KLDR_EVENT_FINDING) {
        assert_string_equal(event->module, "mini.sys");
        assert_null(event->stack); // it is known by its image only
        strncpy(run->finding, event->reason, sizeof run->finding - 1);
    }
}

static struct run run(void (*routine)(void), const char *checks)
{
    struct run run = {{0}, {0}, false};
    struct kldr_world_options options = {.on_event = on_event, .user = &run};
    struct kldr_world *world = NULL;
    struct kldr_error error;
    kldr_policy_init(&options.policy, KLDR_PROFILE_24H2);
    act = routine;
    assert_int_equal(kldr_checks_parse(checks, &options.checks, &error), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_create(&options, &world, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_add_host_driver(world, "mini.sys", &mini, NULL),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_load(world, "mini", NULL), KLDR_STATUS_SUCCESS);
    kldr_world_unload(world, "mini", NULL);
    run.stopped = kldr_world_bugcheck(world, &run.bugcheck);
    kldr_world_destroy(world);
    return run;
}

static void what_is_wrong_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct run told = run(cases[i].wrong, "all");
        if (cases[i].finding != NULL) {
            assert_string_equal(told.finding, cases[i].finding);
            assert_false(told.stopped);
        } else {
            assert_true(told.stopped);
            assert_int_equal(told.bugcheck.code, cases[i].code);
            assert_string_equal(told.bugcheck.module, "mini.sys");
            assert_true(cases[i].first == UINT64_MAX ||
                        cases[i].first == told.bugcheck.parameters[0]);
        }
    }
}

static void what_is_nearly_wrong_is_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct run told = run(cases[i].right, "all");
        assert_string_equal(told.finding, "");
        assert_false(told.stopped);
    }
}

static void each_check_can_be_switched_off(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char list[64] = "-";
        strcat(list, cases[i].check);
        // A timer in freed pool is also one that is left.
        struct run told = run(cases[i].wrong, strcat(list, ",-leaked-object"));
        assert_string_equal(told.finding, "");
        assert_false(told.stopped);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_told),
        cmocka_unit_test(what_is_nearly_wrong_is_not),
        cmocka_unit_test(each_check_can_be_switched_off),
    };
    return cmocka_run_group_tests_name("host_checks", tests, NULL, NULL);
}
