// SPDX-License-Identifier: MIT
// A recorded event stream: deep copies, in order. Expectations, traces and reports are read from
// it.
#ifndef KS_EVENT_LOG_H
#define KS_EVENT_LOG_H

#include <kldr/event.h>

struct ks_event_log;

// NULL when memory is out.
struct ks_event_log *ks_event_log_create(void);
void ks_event_log_destroy(struct ks_event_log *log);
// Forgets all events, keeps the memory.
void ks_event_log_clear(struct ks_event_log *log);

// Copies an event. When memory is out the event is dropped and ks_event_log_complete turns false.
void ks_event_log_append(struct ks_event_log *log, const struct kldr_event *event);
bool ks_event_log_complete(const struct ks_event_log *log);

size_t ks_event_log_count(const struct ks_event_log *log);
// Event number index (from 0); valid until the next append, clear or destroy.
const struct kldr_event *ks_event_log_at(const struct ks_event_log *log, size_t index);

#endif
