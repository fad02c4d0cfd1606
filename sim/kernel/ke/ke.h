// SPDX-License-Identifier: MIT
// The dispatcher as the rest of the simulated kernel uses it: IRQL, clock, waiting, threads, DPCs,
// timers and work items.
//
// There is one processor. Simulated threads take turns on it: another one runs when the current
// one waits, ends, or makes one of higher priority ready. Whoever runs a step of the scenario is
// the first thread; it may wait like any other.
//
// What is waited for is a dispatcher object (KEVENT, KTIMER, ...) in memory that drivers see, or in
// memory of kldr's own; it is named by its address. What the dispatcher itself must rely on lies
// elsewhere, so that a driver harms only its own.
//
// What may wait or call drivers answers KLDR_ERROR_STOPPED, or false, once the system has stopped.
// Its caller then returns at once.
#ifndef KS_KERNEL_KE_H
#define KS_KERNEL_KE_H

#include "kernel/nt.h"

#define KS_PASSIVE_LEVEL  0u
#define KS_APC_LEVEL      1u
#define KS_DISPATCH_LEVEL 2u
#define KS_DEVICE_LEVEL   5u // of the simulated interrupts
#define KS_HIGH_LEVEL     15u

// ---- the gate ----

// Runs kernel function number index for a driver, of whatever engine: checks the IRQL that it may
// be called at (irql.inc), and afterwards runs the DPCs and threads that it made ready. Every call
// of a driver goes through it. index is ks_function_find's; the function is one that is simulated.
uint64_t ks_ke_serve(size_t index, const struct ks_kernel_call *call);

// ---- IRQL ----

uint8_t ks_ke_irql(struct kldr_world *world);
// Sets it, up or down. Lowering it runs what waited for that. Answers the old one.
uint8_t ks_ke_set_irql(struct kldr_world *world, uint8_t irql);
// True when the processor is at most at a level; else the system stops on behalf of the caller, as
// for every function that is called above its highest documented IRQL. For what irql.inc cannot
// say.
bool ks_ke_irql_at_most(const struct ks_kernel_call *call, uint8_t level);

// Whether the pool that a kernel function wants for its caller is to be refused (ke_fallible.h).
bool ks_ke_refuses_pool(const struct ks_kernel_call *call);

// ---- the clock, in units of 100 ns ----

uint64_t ks_ke_system_time(struct kldr_world *world);    // since 1601
uint64_t ks_ke_interrupt_time(struct kldr_world *world); // since the system started
uint64_t ks_ke_tick_count(struct kldr_world *world);     // clock interrupts since then
#define KS_KE_TICK UINT64_C(156250)

// Lets an amount of simulated time pass: timers expire in their order, what they make ready runs.
kldr_status ks_ke_advance(struct kldr_world *world, uint64_t units);
// Runs everything that is ready until all threads wait. The clock stands still.
kldr_status ks_ke_run_until_idle(struct kldr_world *world);
// The world is about to end: threads that are in the middle of something leave. No driver runs.
void ks_ke_shut_down(struct kldr_world *world);
// Before a driver reads a clock in another way than through a function: moves it on a little.
void ks_ke_look_at_clock(struct kldr_world *world);
// The processor halts until the clock's next interrupt.
void ks_ke_halt(struct kldr_world *world);
// Whether something is due or ready that the IRQL does not keep away; and runs it, as an interrupt
// of the code that runs.
bool ks_ke_is_interrupted(struct kldr_world *world);
void ks_ke_take_interrupts(struct kldr_world *world);

// ---- waiting ----

// As KeWaitForSingleObject: an NTSTATUS, or KLDR_ERROR_STOPPED. timeout: relative when negative,
// NULL: none.
uint32_t ks_ke_wait(struct kldr_world *world, uint64_t object, const int64_t *timeout,
                    bool alertable);

void ks_ke_event_init(uint64_t event, bool synchronization, bool signalled);
// What waits for it becomes ready and runs later. Answers the state before.
int32_t ks_ke_event_set(struct kldr_world *world, uint64_t event);
int32_t ks_ke_event_reset(uint64_t event);

// ---- threads ----

// The thread object (KTHREAD) that drivers get as the current one. 0: no memory.
uint64_t ks_ke_current_thread(struct kldr_world *world);
uint32_t ks_ke_current_thread_id(struct kldr_world *world);
// The one process (EPROCESS), which is the system's. 0: no memory.
uint64_t ks_ke_system_process(struct kldr_world *world);
#define KS_KE_PROCESS_ID 4u

uint32_t ks_ke_processor_count(struct kldr_world *world);

struct ks_ke_thread_plan {
    uint64_t routine; // of a driver, called with context; 0: run is
    uint64_t context;
    void (*run)(struct kldr_world *world, void *user);
    void *user;
    uint64_t maker; // code on whose behalf it is made
};
// A new system thread, ready to run. Answers its thread object; 0: no memory, or too many.
uint64_t ks_ke_create_thread(struct kldr_world *world, const struct ks_ke_thread_plan *plan);

// ---- DPCs, timers, work items ----

// As KeInsertQueueDpc for a KDPC. maker: the code that asks.
bool ks_ke_queue_dpc(struct kldr_world *world, uint64_t dpc, uint64_t argument1, uint64_t argument2,
                     uint64_t maker);

// Runs a function of kldr's, or a routine of a driver with up to two arguments, on a system worker
// thread. maker: the code that asks. False: no memory.
struct ks_ke_work {
    void (*run)(struct kldr_world *world, void *user); // NULL: routine
    void *user;
    uint64_t routine;
    uint64_t arguments[4];
    uint64_t item; // of the driver's memory that stands for it; 0: none
    uint64_t maker;
};
bool ks_ke_queue_work(struct kldr_world *world, const struct ks_ke_work *work);

// ---- what drivers leave behind ----

enum ks_ke_left { KS_KE_LEFT_THREAD, KS_KE_LEFT_TIMER, KS_KE_LEFT_DPC, KS_KE_LEFT_WORK };

struct ks_ke_remainder {
    enum ks_ke_left kind;
    uint64_t object;  // KTHREAD, KTIMER, KDPC; 0 for work
    uint64_t routine; // that would run, or runs; 0: none
    uint64_t maker;   // where it was made, set or queued
};
// What is alive of threads, set timers, queued DPCs and work items, in the order of its making:
// number index from 0. False past the last.
bool ks_ke_remainder_at(struct kldr_world *world, size_t index, struct ks_ke_remainder *out);
// A set timer, queued DPC or queued work item that lies in [first, end): the lowest of the first of
// these kinds that is there. False: none.
bool ks_ke_remainder_in(struct kldr_world *world, uint64_t first, uint64_t end,
                        struct ks_ke_remainder *out);

#endif
