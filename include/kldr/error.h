// SPDX-License-Identifier: MIT
// What failed, in fields. The record belongs to the caller, has fixed buffers (so it works when
// memory is out), and becomes text only on demand.
#ifndef KLDR_ERROR_H
#define KLDR_ERROR_H

#include <kldr/status.h>

// Lets compilers that can check format strings do so.
#if defined(__MINGW32__)
#define KLDR_PRINTF_LIKE(text, first) __attribute__((format(gnu_printf, text, first)))
#elif defined(__GNUC__)
#define KLDR_PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#else
#define KLDR_PRINTF_LIKE(text, first)
#endif

// Where in a load the failure was found.
enum kldr_stage {
    KLDR_STAGE_NONE,
    KLDR_STAGE_OPEN,       // the file could not be opened (L8)
    KLDR_STAGE_CHECK,      // image check before section creation (L9)
    KLDR_STAGE_MAP,        // section creation, placing, relocation (L10, L12)
    KLDR_STAGE_RESOLVE,    // an import (R, S)
    KLDR_STAGE_INITIALIZE, // DllInitialize (N8)
    KLDR_STAGE_ENTRY,      // DriverEntry or the I/O manager's part (H)
    KLDR_STAGE_UNLOAD,
    KLDR_STAGE_INPUT, // a scenario, an option or an argument
};

// Whose word the status is.
enum kldr_origin {
    KLDR_ORIGIN_KERNEL, // the simulated kernel's loader or I/O manager
    KLDR_ORIGIN_DRIVER, // returned by a driver's routine
    KLDR_ORIGIN_HOST,   // kldr or the machine it runs on; status is 0xE.......
};

#define KLDR_NAME_SIZE   260 // module names, NUL included; longer ones are cut
#define KLDR_PATH_SIZE   520 // paths, NUL included; longer ones are cut
#define KLDR_SYMBOL_SIZE 256 // export names, NUL included; longer ones are cut (S11)
#define KLDR_DETAIL_SIZE 512

// An error record. Zero is "no error". Fields that do not apply are zero or empty.
struct kldr_error {
    kldr_status status;
    enum kldr_origin origin;
    enum kldr_stage stage;
    char module[KLDR_NAME_SIZE];   // the image the failure is in
    char importer[KLDR_NAME_SIZE]; // who asked for it
    char symbol[KLDR_SYMBOL_SIZE]; // export name, when one is missing
    bool has_ordinal;              // the missing export was asked for by ordinal
    uint32_t ordinal;
    uint32_t rva;                  // where in the image, 0 when it does not apply
    char file[KLDR_PATH_SIZE];     // host file
    unsigned line;                 // from 1; 0 when there is none
    unsigned column;               // from 1, in bytes
    char detail[KLDR_DETAIL_SIZE]; // what was found and what was expected
    char advice[KLDR_DETAIL_SIZE]; // what to try
};

// Empties the record. error may be NULL.
void kldr_error_clear(struct kldr_error *error);

// Fills status, origin, stage and detail (printf-like); leaves the names alone. error may be NULL.
KLDR_PRINTF_LIKE(5, 6)
void kldr_error_set(struct kldr_error *error, kldr_status status, enum kldr_origin origin,
                    enum kldr_stage stage, const char *format, ...);

// Sets what to try (printf-like). error may be NULL.
void kldr_error_advise(struct kldr_error *error, const char *format, ...);

// Writes what, where, why and what to try as one line: "file:line:column: ..." first when there is
// one. Records of KLDR_STAGE_INPUT say what is wrong with the input and leave the status out.
// Always terminates when size > 0; returns the length the whole text has (as snprintf).
size_t kldr_error_format(const struct kldr_error *error, char *text, size_t size);

#endif
