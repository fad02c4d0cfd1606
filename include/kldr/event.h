// SPDX-License-Identifier: MIT
// Everything that happens, as events. Every output of kldr (trace, expectations, findings, reports)
// is a view of this stream plus the final module list.
//
// An event and all it points to is valid during the callback only. Inside a callback the loader may
// be asked (kldr_loader_find_..., kldr_loader_module) but not told to load or unload.
#ifndef KLDR_EVENT_H
#define KLDR_EVENT_H

#include <kldr/status.h>

// enumerator, name in traces. Names are a contract: adding is compatible, renaming is not.
#define KLDR_EVENT_TABLE(X)                                                                        \
    X(STEP_BEGIN, "step.begin")                                                                    \
    X(STEP_END, "step.end")                                                                        \
    X(IMAGE_OPEN, "image.open")                                                                    \
    X(IMAGE_MAPPED, "image.mapped")                                                                \
    X(IMAGE_LISTED, "image.listed")                                                                \
    X(IMAGE_UNLISTED, "image.unlisted")                                                            \
    X(IMAGE_NOTIFY, "image.notify")                                                                \
    X(IMAGE_UNMAPPED, "image.unmapped")                                                            \
    X(IMAGE_ALREADY_LOADED, "image.already-loaded")                                                \
    X(IMAGE_RESIDENT, "image.resident")                                                            \
    X(IMAGE_WARNING, "image.warning")                                                              \
    X(IMPORT_BEGIN, "import.begin")                                                                \
    X(IMPORT_END, "import.end")                                                                    \
    X(IMPORT_BOUND, "import.bound")                                                                \
    X(IMPORT_UNBOUND, "import.unbound")                                                            \
    X(IMPORT_MISSING, "import.missing")                                                            \
    X(REF_ADD, "ref.add")                                                                          \
    X(REF_DROP, "ref.drop")                                                                        \
    X(REF_SKIP, "ref.skip")                                                                        \
    X(CALL_BEGIN, "call.begin")                                                                    \
    X(CALL_END, "call.end")                                                                        \
    X(DRIVER_CREATED, "driver.created")                                                            \
    X(DRIVER_DELETED, "driver.deleted")                                                            \
    X(DRIVER_UNLOAD_PENDING, "driver.unload-pending")                                              \
    X(DRIVER_RESURRECTED, "driver.resurrected")                                                    \
    X(DEBUG_PRINT, "debug.print")                                                                  \
    X(LOG_RECORD, "log.record")                                                                    \
    X(NOTE, "note")                                                                                \
    X(FINDING, "finding")                                                                          \
    X(BUGCHECK, "bugcheck")

enum kldr_event_kind {
#define KLDR_EVENT_ENUMERATOR(name, text) KLDR_EVENT_##name,
    KLDR_EVENT_TABLE(KLDR_EVENT_ENUMERATOR)
#undef KLDR_EVENT_ENUMERATOR
        KLDR_EVENT_KIND_COUNT
};

// "image.mapped"
const char *kldr_event_name(enum kldr_event_kind kind);
bool kldr_event_find(const char *name, enum kldr_event_kind *out_kind);

// Which optional fields of struct kldr_event are set.
enum {
    KLDR_EVENT_HAS_STATUS = 1u << 0,
    KLDR_EVENT_HAS_COUNT = 1u << 1,
    KLDR_EVENT_HAS_ORDINAL = 1u << 2,
    KLDR_EVENT_HAS_VALUE = 1u << 3,
    KLDR_EVENT_HAS_ADDRESS = 1u << 4,
    KLDR_EVENT_HAS_FLAG = 1u << 5,
    KLDR_EVENT_HAS_OFFSET = 1u << 6,
    KLDR_EVENT_COUNT_INACTIVE = 1u << 7, // count shows "inactive" (profile documented)
};

#define KLDR_EVENT_PARAMETERS 4

// One event. A pointer that does not apply is NULL. What each kind sets:
//   step.begin/end        text = action, target, [status]
//   image.open            path, status
//   image.mapped          module, address = base, size, flag = relocated
//   image.listed/unlisted module
//   image.notify          module
//   image.unmapped        module, flag = recorded in the unloaded-drivers ring
//   image.already-loaded  module, status
//   image.resident        module, reason ("refused", "no-dllunload"), count
//   image.warning         module, reason, text
//   import.begin          importer, module
//   import.end            importer, module, reason = how ("loaded", "already", "in-progress",
//   "stubbed",
//                         "failed"), value = functions bound by this descriptor, [status on
//                         failure]
//   import.bound          importer, module, symbol | ordinal, reason = via ("hint", "search",
//   "ordinal",
//                         "forwarder", "trap"), target, address
//   import.unbound        importer, module: the walk ended at or before this descriptor (R2)
//   import.missing        importer, module, [symbol | ordinal], status
//   ref.add/drop/skip     module, holder, count, reason; skip of an import: flag = something is
//   bound call.begin/end        module, symbol = routine, [argument], end: status or value (64-bit
//   result) driver.*              service, module debug.print           module, value = level, text
//   log.record            path = image, [missing_module], [symbol = missing procedure], [value]
//   note                  module, reason = kind of note, text
//   finding               reason = kind, module, [target], [symbol = export], [detail], fact;
//                         of what an image left: argument = tag, [value = bytes], count,
//                         [stack = places in code, a line for each]
//   bugcheck              value = code, parameters, [module, offset], [registers, stack]
struct kldr_event {
    enum kldr_event_kind kind;
    uint32_t has;         // KLDR_EVENT_HAS_*
    uint64_t seq;         // from 1 in each loader
    uint32_t depth;       // nesting of loads and unloads
    uint32_t step;        // filled by the world: outermost step, from 1; 0 outside steps
    uint32_t module_id;   // the loader's id of module, 0 when none
    uint32_t importer_id; // of importer or holder
    uint32_t target_id;   // of the module bound to (import.bound), of target (finding)
    const char *module;   // BaseDllName
    const char *importer; // BaseDllName
    const char
        *holder;      // who holds the count: a BaseDllName, or "I/O manager", "load_image", "boot"
    const char *path; // full name, as spelled
    const char *symbol;
    const char *target;
    const char *reason;
    const char *argument;
    const char *service;
    const char *missing_module;
    const char *text;
    const char *detail;
    const char *fact;      // "U7": the fact that decided, when one did
    const char *registers; // of real code: "rax=0x0 rbx=0x10 ... rip=0xfffff80000061010"
    const char *stack;     // and its frames, a line for each, the innermost first
    kldr_status status;
    int32_t count;
    uint32_t ordinal;
    uint32_t size;
    uint32_t offset;
    bool flag;
    uint64_t value;
    uint64_t address;
    uint64_t parameters[KLDR_EVENT_PARAMETERS];
};

#endif
