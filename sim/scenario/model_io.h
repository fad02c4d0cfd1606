// SPDX-License-Identifier: MIT
// The model's part for devices and requests. What the kernel is asked for in the end is made from
// it by scenario/run/run_io.c.
#ifndef KS_SCENARIO_MODEL_IO_H
#define KS_SCENARIO_MODEL_IO_H

#include "kernel/io/io_request.h"
#include "scenario/model_place.h"

// ---- bytes ----

enum ks_piece_kind { KS_PIECE_BYTES, KS_PIECE_FILL, KS_PIECE_FILE };

struct ks_piece {
    enum ks_piece_kind kind;
    const uint8_t *bytes; // BYTES
    size_t size;          // BYTES, FILL
    uint8_t fill;         // FILL
    struct ks_text file;  // FILE: host path as written
};

struct ks_data {
    bool given;
    struct ks_place place;
    const struct ks_piece *pieces; // one after the other
    size_t piece_count;
};

// A file of the disk that is no image.
struct ks_data_file {
    const char *path;
    struct ks_place place;
    struct ks_data data;
};

// ---- what a step says ----

struct ks_step_service {
    const char *name;
    struct ks_place place;
    const char *image; // of an implicit service; NULL: the declared service's own
};

// What devices with a hardware ID get.
struct ks_scenario_hardware {
    const char *id;
    struct ks_step_service *services; // lowest first
    size_t service_count;
};

struct ks_step_registry {
    const char *service; // its Parameters; NULL: key is given
    struct ks_place service_place;
    const char *key;
    const char *value; // NULL: the key alone
    bool absent;
    uint32_t type;       // REG_...
    struct ks_data data; // as the registry holds it; not given: none
};

// The value of an action on devices; each action uses its part.
struct ks_step_io {
    const char *device; // of remove_device, power and requests
    struct ks_place device_place;
    const char *as; // name of the file or request that is made
    bool surprise;
    // add_device
    const char *name;
    struct ks_step_service *services; // lowest first
    size_t service_count;
    const char *hardware_id;
    const struct ks_io_resource *resources;
    size_t resource_count;
    bool no_start;
    // power
    bool of_device, query;
    unsigned state;
    // requests
    struct ks_text major_name, minor_name; // as written; the numbers are below
    unsigned major, minor;
    bool no_open, internal;
    uint32_t code, length, repeat; // repeat 0: once
    uint64_t offset, stride;
    struct ks_data data; // written, or given to a control code
    const uint64_t *arguments;
    size_t argument_count;
    bool has_arguments;
    // complete
    bool has_information;
    uint64_t information;
    // advance: units of 100 ns
    uint64_t time;
    struct ks_step_registry registry;
    // port_io
    uint16_t port;
    uint8_t width;
    const uint32_t *reads;
    size_t read_count;
};

// ---- declared drivers ----

struct ks_named_device {
    const char *name;
    const char *link; // NULL: none
    struct ks_place place;
};

// ---- expectations ----

enum ks_bytes_mode { KS_BYTES_EXACT, KS_BYTES_CONTAINS, KS_BYTES_AT };

struct ks_bytes_at {
    uint64_t offset;
    struct ks_data data;
};

struct ks_expect_bytes {
    bool given;
    struct ks_place place;
    enum ks_bytes_mode mode;
    struct ks_data data; // EXACT, CONTAINS
    const struct ks_bytes_at *at;
    size_t at_count;
};

// What a file of the disk is expected to hold.
struct ks_expect_file {
    const char *path;
    struct ks_place place;
    bool absent;
    struct ks_expect_bytes bytes;
};

#endif
