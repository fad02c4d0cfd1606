// SPDX-License-Identifier: MIT
// The insides of the dispatcher, for the files ke_*.c, ex_*.c and ps_*.c that are parts of it.
//
// Rules: a thread is in exactly one of the states below; only ke_switch.c changes who runs. Nothing
// here is reached through memory of drivers. Addresses of drivers' objects that were given earlier
// are checked with ks_ke_reachable before they are touched outside the call that gave them.
#ifndef KS_KERNEL_KE_STATE_H
#define KS_KERNEL_KE_STATE_H

#include "engine/native_thread.h"
#include "kernel/ex/ex_tracked.h"
#include "kernel/ke/ke.h"
#include "kernel/ob/ob.h"
#include "world/world_object.h"

#include <kldr/ddk/ntddk.h>

struct ks_fiber;
struct ks_host_frame;

#define KS_KE_PRIORITIES 32
#define KS_KE_BUCKETS    256
#define KS_KE_THREADS    1024 // at once
#define KS_KE_OBJECTS    64   // MAXIMUM_WAIT_OBJECTS

// Types of dispatcher headers.
enum {
    KS_KE_NOTIFICATION_EVENT = 0,
    KS_KE_SYNCHRONIZATION_EVENT = 1,
    KS_KE_MUTANT = 2,
    KS_KE_PROCESS = 3,
    KS_KE_QUEUE = 4,
    KS_KE_SEMAPHORE = 5,
    KS_KE_THREAD = 6,
    KS_KE_NOTIFICATION_TIMER = 8,
    KS_KE_SYNCHRONIZATION_TIMER = 9,
    KS_KE_TYPE_DPC = 19,
    KS_KE_TYPE_THREADED_DPC = 26,
};

// ---- timers ----

enum ks_ke_timer_kind { KS_KE_TIMER_OBJECT, KS_KE_TIMER_WAIT };

// A timer that is set: a KTIMER of a driver's, or the end of a thread's wait.
struct ks_ke_timer {
    struct ks_ke_timer *next; // of its bucket, or of the unused ones
    uint64_t due;             // interrupt time
    uint64_t sequence;        // of those that are due together the first set is the first to expire
    size_t place;             // in the heap, counted from 1; 0: not set
    enum ks_ke_timer_kind kind;
    uint64_t object;       // KTIMER
    uint64_t period;       // 0: once
    uint64_t dpc, routine; // the DPC, and its routine when the timer was set
    bool allocated;        // an EX_TIMER
    uint64_t maker;
    struct ks_ke_thread *thread;
};

struct ks_ke_timers {
    struct ks_ke_timer **heap; // the next to expire is the first
    size_t count, capacity;
    uint64_t sequence;
    struct ks_ke_timer *buckets[KS_KE_BUCKETS]; // of KTIMERs
    struct ks_ke_timer *unused;
};

// ---- threads ----

enum ks_ke_thread_state {
    KS_KE_READY,   // in a ready queue
    KS_KE_RUNNING, // the current one
    KS_KE_WAITING,
    KS_KE_PARKED, // the first thread between steps: runs when nobody else does
    KS_KE_ENDED,
};

// One object that a thread waits for.
struct ks_ke_block {
    struct ks_ke_block *next, *previous; // waiters of one bucket, the longest waiting first
    struct ks_ke_thread *thread;
    uint64_t object;
};

struct ks_ke_apc;

struct ks_ke_owned {
    struct ks_ke_owned *next;
    uint64_t mutex;
};

struct ks_ke_thread {
    struct ks_ke_thread *next, *previous;             // all, in order of creation
    struct ks_ke_thread *ready_next, *ready_previous; // of one priority
    uint64_t object;                                  // KTHREAD
    struct ks_object *header;                         // its reference to itself
    uint32_t id;
    enum ks_ke_thread_state state;
    uint8_t priority, base_priority;
    uint8_t irql; // while it does not run
    bool worker;  // of the work queues
    struct ks_ke_thread_plan plan;
    int32_t exit_status;

    // What belongs to the stack it runs on.
    struct ks_fiber *fiber;
    struct ks_native_thread *native; // the next, or the engine's own for the first thread
    struct ks_native_thread native_room;
    struct ks_host_frame *host_frames;
    uint32_t call_depth;

    // The wait.
    struct ks_ke_block blocks[KS_KE_OBJECTS];
    uint32_t block_count;
    bool wait_all, alertable;
    uint32_t wait_status;
    uint64_t wait_caller;  // code that waits
    const char *wait_what; // as in the plan
    uint64_t wait_lock, wait_owner;
    struct ks_ke_timer timeout;

    int16_t kernel_apc_disable, special_apc_disable; // as Windows counts: down from 0
    struct ks_ke_apc *apcs;                          // queued, special ones first
    bool apc_in_progress;                            // a normal routine runs
    bool alerted;
    struct ks_ke_owned *owned; // mutexes
    uint64_t queue;            // KQUEUE that it last took an entry from; 0: none
    uint64_t queue_entry;      // that ended its wait
    uint64_t affinity;         // that it asked for; 0: none
    struct ks_ke_thread *idle; // next of the idle workers
};

// ---- DPCs and work ----

struct ks_ke_dpc {
    struct ks_ke_dpc *next;
    uint64_t object; // KDPC
    uint64_t timer;  // EX_TIMER, which is the routine's first argument then; 0: the KDPC is
    uint64_t maker;
};

struct ks_ke_work_entry {
    struct ks_ke_work_entry *next;
    struct ks_ke_work work;
};

struct ks_ke_row; // of the gate
struct ks_ex_hold;
struct ks_ex_waiter;

// ---- all of it ----

struct ks_ke {
    struct kldr_world *world;
    struct ks_nt *nt;
    struct ks_ke_row *rows;
    const struct ks_ke_row *serving; // whose function runs, the innermost
    size_t row_count;

    uint64_t now;   // interrupt time
    uint64_t start; // system time at interrupt time 0
    struct ks_ke_timers timers;

    struct ks_ke_thread *first, *last; // first: whoever runs steps
    struct ks_ke_thread *current;
    struct ks_ke_thread *parked;
    struct ks_ke_thread *dead; // ended, still to be freed by somebody else
    uint32_t thread_count, next_id;
    struct ks_ke_thread *ready_first[KS_KE_PRIORITIES], *ready_last[KS_KE_PRIORITIES];
    uint32_t ready_mask;
    struct ks_ke_block *waiters_first[KS_KE_BUCKETS], *waiters_last[KS_KE_BUCKETS];
    uint64_t random; // 0: equals run in the order in which they became ready

    struct ks_ke_dpc *dpc_first, *dpc_last, *dpc_unused;
    uint64_t dpc_running; // KDPC whose routine runs; 0: none
    struct ks_ke_work_entry *work_first, *work_last;
    struct ks_ke_thread *idle_workers;
    uint32_t worker_count;
    uint64_t process;                                        // EPROCESS of the system process
    struct ks_ex_waiter *ex_waiters;                         // ex_wait.c
    struct ks_ex_hold *ex_holds;                             // ex_resource.c
    struct ks_ex_tracked *ex_tracked[KS_EX_TRACKED_BUCKETS]; // ex_tracked.c, by address
    uint64_t idle_deadline;                                  // of the host; 0: none yet
};

// NULL: no memory.
struct ks_ke *ks_ke(struct kldr_world *world);

// True when the simulated system has ended.
bool ks_ke_stopped(const struct ks_ke *ke);
// Something is ready that may have to run before the driver goes on: the gate looks.
void ks_ke_mark(struct ks_ke *ke);
// Whether an object of a driver's that was given earlier can still be touched.
bool ks_ke_reachable(const struct ks_ke *ke, uint64_t address, uint64_t size);
// The system ends as when the kernel touches what is no longer there.
void ks_ke_stop_unreachable(struct ks_ke *ke, uint64_t address, uint64_t maker, const char *text);

// ---- switching (ke_switch.c) ----

void ks_ke_make_ready(struct ks_ke *ke, struct ks_ke_thread *thread, bool in_front);
void ks_ke_remove_ready(struct ks_ke *ke, struct ks_ke_thread *thread);
// The current thread, whose state says why, gives the processor away; comes back when it is its
// turn again. caller: where the driver is.
void ks_ke_give_way(struct ks_ke *ke);
// The current thread ends: does not come back.
void ks_ke_end_thread(struct ks_ke *ke);
// Others of higher priority that became ready run first.
void ks_ke_preempt(struct ks_ke *ke);
// Lets all threads that are in the middle of something find out that the system has ended.
void ks_ke_drain(struct ks_ke *ke);
// Not its object, which goes with the last reference.
void ks_ke_free_thread(struct ks_ke *ke, struct ks_ke_thread *thread);
struct ks_ke_thread *ks_ke_make_thread(struct ks_ke *ke, const struct ks_ke_thread_plan *plan);
struct ks_ke_thread *ks_ke_thread_at(struct ks_ke *ke, uint64_t object);

// ---- idle (ke_idle.c) ----

// Nobody is ready: DPCs run, the clock moves on. False: nothing can ever happen.
bool ks_ke_idle(struct ks_ke *ke);
// Runs DPCs and whoever has to run, at the IRQL there is.
void ks_ke_settle(struct ks_ke *ke);
void ks_ke_report_hang(struct ks_ke *ke);

// ---- waiting (ke_wait.c) ----

struct ks_ke_wait_plan {
    const uint64_t *objects;
    uint32_t count;
    bool all, alertable;
    const int64_t *timeout;
    uint64_t caller; // 0: kldr's own
    // For people, where the object says nothing: the kind of lock, its address, and the thread
    // object of who holds it.
    const char *what;
    uint64_t lock, owner;
};
uint32_t ks_ke_wait_for(struct ks_ke *ke, const struct ks_ke_wait_plan *plan);
// The object may be signalled now: those who wait for it, as far as it goes.
void ks_ke_wake(struct ks_ke *ke, uint64_t object);
// A thread's wait ends with this status.
void ks_ke_unwait(struct ks_ke *ke, struct ks_ke_thread *thread, uint32_t status);
bool ks_ke_has_waiters(const struct ks_ke *ke, uint64_t object);
// A thread waits for nothing that could be signalled, only for time, or to be woken.
uint32_t ks_ke_sleep(struct ks_ke *ke, const int64_t *interval, bool alertable, uint64_t caller);

// The status of a wait that an APC interrupted: whoever waits delivers it and waits on.
#define KS_KE_INTERRUPTED 0x100u // STATUS_KERNEL_APC

// What is left of a timeout, of whatever kind, when a wait was interrupted.
struct ks_ke_remaining {
    uint64_t due; // interrupt time
    bool limited;
    int64_t left;
};
struct ks_ke_remaining ks_ke_remaining(const struct ks_ke *ke, const int64_t *timeout);
const int64_t *ks_ke_remain(const struct ks_ke *ke, struct ks_ke_remaining *remaining);

// A wait that may take time needs an IRQL at which another thread can run. False: the system
// stopped.
bool ks_ke_may_wait(const struct ks_kernel_call *call, uint64_t object, const int64_t *timeout);

// A wait that only ks_ke_unwait or the timeout ends, in the line of those that wait for an object;
// and the thread that is the last in that line. NULL: none.
uint32_t ks_ke_wait_in_line(struct ks_ke *ke, uint64_t object, const int64_t *timeout,
                            uint64_t caller);
struct ks_ke_thread *ks_ke_last_waiter(const struct ks_ke *ke, uint64_t object);

// ---- kernel queues (ke_queue.c) ----

// A thread begins to wait, or ends: another one of its queue may go on; it goes on itself.
void ks_ke_queue_idle(struct ks_ke *ke, const struct ks_ke_thread *thread);
void ks_ke_queue_busy(struct ks_ke *ke, const struct ks_ke_thread *thread);

// ---- APCs (ke_apc.c) ----

// Those of the current thread that nothing keeps away.
void ks_ke_deliver_apcs(struct ks_ke *ke);
void ks_ke_drop_apcs(struct ks_ke *ke, struct ks_ke_thread *thread);

// ---- mutexes (ke_mutex.c) ----

void ks_ke_own_mutex(struct ks_ke *ke, struct ks_ke_thread *thread, uint64_t mutex);
// One that keeps APCs away: a thread must not end with it.
bool ks_ke_holds_mutex(const struct ks_ke *ke, const struct ks_ke_thread *thread,
                       uint64_t *out_mutex);
void ks_ke_abandon_mutexes(struct ks_ke *ke, struct ks_ke_thread *thread);

// ---- timers (ke_timer.c) ----

// Puts it into the heap. False: no memory.
bool ks_ke_timer_insert(struct ks_ke *ke, struct ks_ke_timer *timer, uint64_t due);
void ks_ke_timer_remove(struct ks_ke *ke, struct ks_ke_timer *timer);
// Interrupt time of a due time as drivers give it: relative when negative, else system time.
uint64_t ks_ke_due(const struct ks_ke *ke, int64_t due);
// Expires what is due.
void ks_ke_expire(struct ks_ke *ke);
// A KTIMER. The answers say whether it was set before.
bool ks_ke_timer_set(struct ks_ke *ke, uint64_t object, int64_t due, uint64_t period, uint64_t dpc,
                     uint64_t maker);
bool ks_ke_timer_cancel(struct ks_ke *ke, uint64_t object);
struct ks_ke_timer *ks_ke_timer_find(struct ks_ke *ke, uint64_t object);
void ks_ke_timers_fini(struct ks_ke *ke);

// ---- DPCs (ke_dpc.c) and work (ke_work.c) ----

void ks_ke_run_dpcs(struct ks_ke *ke);
// timer: as in struct ks_ke_dpc. Answers whether it was not queued yet.
bool ks_ke_dpc_queue(struct ks_ke *ke, const struct ks_ke_dpc *dpc, uint64_t argument1,
                     uint64_t argument2);
// Takes it out of the queue, where it need not be. Answers whether it was there.
bool ks_ke_dpc_remove(struct ks_ke *ke, uint64_t object);
void ks_ke_dpcs_fini(struct ks_ke *ke);
void ks_ke_work_fini(struct ks_ke *ke);
void ks_ex_resources_fini(struct ks_ke *ke);

// ---- the gate (ke_gate.c) ----

bool ks_ke_gate_init(struct ks_ke *ke);
// Raises an exception at the caller, as ExRaiseStatus does; what the call holds must be free by
// then. What it returns does not matter.
uint64_t ks_ke_raise(const struct ks_kernel_call *call, uint32_t status);
// "DISPATCH_LEVEL", ...
const char *ks_ke_irql_name(unsigned irql);

#endif
