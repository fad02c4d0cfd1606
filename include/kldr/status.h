// SPDX-License-Identifier: MIT
// NTSTATUS values: the currency of every simulated result.
//
// What the simulated kernel answered and what went wrong in kldr itself are never confused: kldr's
// own failures have the customer bit (bit 29) set, 0xE......., and are listed in
// KLDR_OWN_STATUS_TABLE.
#ifndef KLDR_STATUS_H
#define KLDR_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// An NTSTATUS: severity in bits 31..30, customer bit 29, facility, code.
typedef uint32_t kldr_status;

// True for success and informational values (0x0 to 0x7FFFFFFF). Warnings (0x8...) are failures
// (A95).
#define KLDR_NT_SUCCESS(status) ((kldr_status)(status) < UINT32_C(0x80000000))

// True for one of kldr's own statuses.
#define KLDR_IS_OWN_STATUS(status)                                                                 \
    (((kldr_status)(status)&UINT32_C(0xF0000000)) == UINT32_C(0xE0000000))

// name, value, Win32 error code (0: none), meaning. The statuses of section 13 of the behaviour
// sheet.
#define KLDR_STATUS_TABLE(X)                                                                       \
    X(SUCCESS, 0x00000000, 0, "the operation succeeded")                                           \
    X(PENDING, 0x00000103, 997,                                                                    \
      "the operation is pending; not an error, but not plain success either")                      \
    X(UNSUCCESSFUL, 0xC0000001, 31, "the operation failed, without a reason given")                \
    X(INFO_LENGTH_MISMATCH, 0xC0000004, 24, "the size of the information given does not fit")      \
    X(INVALID_PARAMETER, 0xC000000D, 87, "an argument is not valid")                               \
    X(INVALID_DEVICE_REQUEST, 0xC0000010, 1,                                                       \
      "the driver has no such request: no DriverUnload, or a PnP driver")                          \
    X(NO_MEMORY, 0xC0000017, 8, "not enough memory or quota")                                      \
    X(CONFLICTING_ADDRESSES, 0xC0000018, 487,                                                      \
      "the image cannot be placed there: relocations are stripped")                                \
    X(OBJECT_NAME_NOT_FOUND, 0xC0000034, 2, "no object or file of that name")                      \
    X(OBJECT_NAME_COLLISION, 0xC0000035, 183, "an object of that name exists already")             \
    X(OBJECT_PATH_NOT_FOUND, 0xC000003A, 3, "the folder does not exist")                           \
    X(DELETE_PENDING, 0xC0000056, 5, "the object is being deleted")                                \
    X(PRIVILEGE_NOT_HELD, 0xC0000061, 1314, "the caller lacks a privilege")                        \
    X(PROCEDURE_NOT_FOUND, 0xC000007A, 127, "the imports mix modules that must not be mixed")      \
    X(INVALID_IMAGE_FORMAT, 0xC000007B, 193, "the file is a malformed image")                      \
    X(INSUFFICIENT_RESOURCES, 0xC000009A, 1450, "the system lacks resources")                      \
    X(WORKING_SET_QUOTA, 0xC00000A1, 1453, "the working set quota is used up")                     \
    X(NOT_SUPPORTED, 0xC00000BB, 50, "the request is not supported")                               \
    X(IMAGE_ALREADY_LOADED, 0xC000010E, 1056, "an image of that full name is loaded already")      \
    X(INVALID_IMAGE_NOT_MZ, 0xC000012F, 193, "the file does not begin with MZ")                    \
    X(INVALID_IMAGE_PROTECT, 0xC0000130, 193, "the image is for another machine")                  \
    X(ILL_FORMED_SERVICE_ENTRY, 0xC0000160, 0, "the service key has no Type value")                \
    X(IMAGE_ALREADY_LOADED_AS_DLL, 0xC000019D, 1056, "the image is loaded already, for an import") \
    X(IMAGE_CHECKSUM_MISMATCH, 0xC0000221, 193,                                                    \
      "the checksum is wrong, or there are no NT headers")                                         \
    X(IMAGE_MP_UP_MISMATCH, 0xC0000249, 193, "a uniprocessor image on a multiprocessor system")    \
    X(PLUGPLAY_NO_DEVICE, 0xC000025E, 1058, "the device is disabled in the hardware profile")      \
    X(DRIVER_ORDINAL_NOT_FOUND, 0xC0000262, 182, "an import by ordinal is not exported")           \
    X(DRIVER_ENTRYPOINT_NOT_FOUND, 0xC0000263, 127,                                                \
      "an import by name is not exported (not about DriverEntry)")                                 \
    X(DRIVER_UNABLE_TO_LOAD, 0xC000026C, 2001,                                                     \
      "the driver could not be loaded; older kernels hide the reason")                             \
    X(INVALID_IMAGE_WIN_32, 0xC0000359, 193, "the image is a 32-bit image")                        \
    X(NOT_SAFE_MODE_DRIVER, 0xC000035F, 646, "the driver is not loaded in safe mode")              \
    X(FAILED_DRIVER_ENTRY, 0xC0000365, 647, "DriverEntry failed (internal)")                       \
    X(DRIVER_BLOCKED_CRITICAL, 0xC000036B, 1275, "the driver is blocked from loading (critical)")  \
    X(DRIVER_BLOCKED, 0xC000036C, 1275, "the driver is blocked from loading")                      \
    X(DRIVER_FAILED_PRIOR_UNLOAD, 0xC000038E, 654,                                                 \
      "an earlier instance of the driver is still in memory (internal)")

// name, value, meaning. What went wrong in kldr or was beyond it; never an answer of Windows.
#define KLDR_OWN_STATUS_TABLE(X)                                                                   \
    X(NOT_IMPLEMENTED, 0xE0000001, "Windows has this kernel function, kldr does not simulate it")  \
    X(BAD_ARGUMENT, 0xE0000002, "the caller of the library passed an argument that is not valid")  \
    X(OUT_OF_MEMORY, 0xE0000003, "the host has no memory left")                                    \
    X(BUSY, 0xE0000004, "the object is in use: not allowed from inside this callback")             \
    X(STOPPED, 0xE0000005, "the simulated system has stopped (bugcheck)")                          \
    X(LIMIT, 0xE0000006, "a limit of kldr on depth, modules, steps, time or memory was reached")   \
    X(HOST_FILE, 0xE0000007, "a file of the host could not be opened or read")                     \
    X(SCENARIO, 0xE0000008, "the scenario is not valid")                                           \
    X(UNSUPPORTED, 0xE0000009, "this version of kldr does not support it")                         \
    X(INTERNAL, 0xE000000A, "kldr contradicted itself; please report it")                          \
    X(NOT_FOUND, 0xE000000B, "no such module, item or entry in this library object")               \
    X(END, 0xE000000C, "the iteration is over")                                                    \
    X(CPU_UNAVAILABLE, 0xE000000D, "no engine can run this image's code here")                     \
    X(HANG, 0xE000000E, "the simulated system hangs: what a thread waits for cannot happen")

// The same values as constants.
#define KLDR_STATUS_SUCCESS                     ((kldr_status)UINT32_C(0x00000000))
#define KLDR_STATUS_PENDING                     ((kldr_status)UINT32_C(0x00000103))
#define KLDR_STATUS_UNSUCCESSFUL                ((kldr_status)UINT32_C(0xC0000001))
#define KLDR_STATUS_INFO_LENGTH_MISMATCH        ((kldr_status)UINT32_C(0xC0000004))
#define KLDR_STATUS_INVALID_PARAMETER           ((kldr_status)UINT32_C(0xC000000D))
#define KLDR_STATUS_INVALID_DEVICE_REQUEST      ((kldr_status)UINT32_C(0xC0000010))
#define KLDR_STATUS_NO_MEMORY                   ((kldr_status)UINT32_C(0xC0000017))
#define KLDR_STATUS_CONFLICTING_ADDRESSES       ((kldr_status)UINT32_C(0xC0000018))
#define KLDR_STATUS_OBJECT_NAME_NOT_FOUND       ((kldr_status)UINT32_C(0xC0000034))
#define KLDR_STATUS_OBJECT_NAME_COLLISION       ((kldr_status)UINT32_C(0xC0000035))
#define KLDR_STATUS_OBJECT_PATH_NOT_FOUND       ((kldr_status)UINT32_C(0xC000003A))
#define KLDR_STATUS_DELETE_PENDING              ((kldr_status)UINT32_C(0xC0000056))
#define KLDR_STATUS_PRIVILEGE_NOT_HELD          ((kldr_status)UINT32_C(0xC0000061))
#define KLDR_STATUS_PROCEDURE_NOT_FOUND         ((kldr_status)UINT32_C(0xC000007A))
#define KLDR_STATUS_INVALID_IMAGE_FORMAT        ((kldr_status)UINT32_C(0xC000007B))
#define KLDR_STATUS_INSUFFICIENT_RESOURCES      ((kldr_status)UINT32_C(0xC000009A))
#define KLDR_STATUS_WORKING_SET_QUOTA           ((kldr_status)UINT32_C(0xC00000A1))
#define KLDR_STATUS_NOT_SUPPORTED               ((kldr_status)UINT32_C(0xC00000BB))
#define KLDR_STATUS_IMAGE_ALREADY_LOADED        ((kldr_status)UINT32_C(0xC000010E))
#define KLDR_STATUS_INVALID_IMAGE_NOT_MZ        ((kldr_status)UINT32_C(0xC000012F))
#define KLDR_STATUS_INVALID_IMAGE_PROTECT       ((kldr_status)UINT32_C(0xC0000130))
#define KLDR_STATUS_ILL_FORMED_SERVICE_ENTRY    ((kldr_status)UINT32_C(0xC0000160))
#define KLDR_STATUS_IMAGE_ALREADY_LOADED_AS_DLL ((kldr_status)UINT32_C(0xC000019D))
#define KLDR_STATUS_IMAGE_CHECKSUM_MISMATCH     ((kldr_status)UINT32_C(0xC0000221))
#define KLDR_STATUS_IMAGE_MP_UP_MISMATCH        ((kldr_status)UINT32_C(0xC0000249))
#define KLDR_STATUS_PLUGPLAY_NO_DEVICE          ((kldr_status)UINT32_C(0xC000025E))
#define KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND    ((kldr_status)UINT32_C(0xC0000262))
#define KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND ((kldr_status)UINT32_C(0xC0000263))
#define KLDR_STATUS_DRIVER_UNABLE_TO_LOAD       ((kldr_status)UINT32_C(0xC000026C))
#define KLDR_STATUS_INVALID_IMAGE_WIN_32        ((kldr_status)UINT32_C(0xC0000359))
#define KLDR_STATUS_NOT_SAFE_MODE_DRIVER        ((kldr_status)UINT32_C(0xC000035F))
#define KLDR_STATUS_FAILED_DRIVER_ENTRY         ((kldr_status)UINT32_C(0xC0000365))
#define KLDR_STATUS_DRIVER_BLOCKED_CRITICAL     ((kldr_status)UINT32_C(0xC000036B))
#define KLDR_STATUS_DRIVER_BLOCKED              ((kldr_status)UINT32_C(0xC000036C))
#define KLDR_STATUS_DRIVER_FAILED_PRIOR_UNLOAD  ((kldr_status)UINT32_C(0xC000038E))

#define KLDR_ERROR_NOT_IMPLEMENTED ((kldr_status)UINT32_C(0xE0000001))
#define KLDR_ERROR_BAD_ARGUMENT    ((kldr_status)UINT32_C(0xE0000002))
#define KLDR_ERROR_OUT_OF_MEMORY   ((kldr_status)UINT32_C(0xE0000003))
#define KLDR_ERROR_BUSY            ((kldr_status)UINT32_C(0xE0000004))
#define KLDR_ERROR_STOPPED         ((kldr_status)UINT32_C(0xE0000005))
#define KLDR_ERROR_LIMIT           ((kldr_status)UINT32_C(0xE0000006))
#define KLDR_ERROR_HOST_FILE       ((kldr_status)UINT32_C(0xE0000007))
#define KLDR_ERROR_SCENARIO        ((kldr_status)UINT32_C(0xE0000008))
#define KLDR_ERROR_UNSUPPORTED     ((kldr_status)UINT32_C(0xE0000009))
#define KLDR_ERROR_INTERNAL        ((kldr_status)UINT32_C(0xE000000A))
#define KLDR_ERROR_NOT_FOUND       ((kldr_status)UINT32_C(0xE000000B))
#define KLDR_ERROR_END             ((kldr_status)UINT32_C(0xE000000C))
#define KLDR_ERROR_CPU_UNAVAILABLE ((kldr_status)UINT32_C(0xE000000D))
#define KLDR_ERROR_HANG            ((kldr_status)UINT32_C(0xE000000E))

// What is known of one status value.
struct kldr_status_info {
    kldr_status value;
    const char *name;    // "STATUS_OBJECT_NAME_NOT_FOUND", "KLDR_NOT_IMPLEMENTED"
    uint32_t win32;      // the Win32 error that RtlNtStatusToDosError gives, 0 when none is known
    const char *meaning; // one line, "" when only the name is known
};

// Looks a value up. Returns false, and leaves *out_info alone, when kldr knows no name for it.
bool kldr_status_find(kldr_status value, struct kldr_status_info *out_info);

// Looks a name up, exactly ("STATUS_..." or "KLDR_..."; the "STATUS_" may not be left out).
bool kldr_status_find_name(const char *name, struct kldr_status_info *out_info);

// The known name nearest to a misspelled one, or NULL when none is near.
const char *kldr_status_nearest(const char *name);

// The name of a status, or NULL. Never allocates.
const char *kldr_status_name(kldr_status value);

#define KLDR_STATUS_TEXT_SIZE 80
// Writes "STATUS_OBJECT_NAME_NOT_FOUND (0xC0000034)" or "0xC1234567" into text and returns text.
char *kldr_status_format(kldr_status value, char text[KLDR_STATUS_TEXT_SIZE]);

#endif
