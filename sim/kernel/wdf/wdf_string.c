// SPDX-License-Identifier: MIT
// Framework strings.
#include "kernel/wdf/wdf.h"

#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <string.h>

NTSTATUS ks_wdf_string_assign(struct kldr_world *world, struct ks_wdf_object *object,
                              const char *text)
{
    uint64_t string = text != NULL ? ks_nt_text_make_string(world, text, KS_WDF_TAG) : 0;
    if (string == 0) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ks_nt_give(world, object->data.string);
    object->data.string = string;
    return STATUS_SUCCESS;
}

// WdfStringCreate(Globals, UnicodeString, StringAttributes, String)
uint64_t ks_wdf_string_create(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_wdf_client *client = ks_wdf_client(call);
    struct ks_wdf_object *object;
    if (client == NULL || !ks_wdf_given(call, 1, (const unsigned[]){3})) {
        return 0;
    }
    ks_wdf_put_handle(call, 3, 0);
    const UNICODE_STRING *given = a[1] != 0 ? ks_guest_pointer(a[1]) : NULL;
    if (given != NULL && (given->Length % 2 != 0 || given->Length > given->MaximumLength ||
                          (given->Length != 0 && given->Buffer == NULL))) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    NTSTATUS status = ks_wdf_object_check(call, a[2], KS_WDF_PARENT);
    if (status != STATUS_SUCCESS) {
        return KS_STATUS(status);
    }
    char *text =
        given != NULL ? ks_nt_text_of_string(call->world, a[1]) : ks_nt_text_copy(call->world, "");
    status = ks_wdf_object_make(call, client, KS_WDF_STRING, a[2], NULL, &object);
    if (status == STATUS_SUCCESS) {
        status = ks_wdf_string_assign(call->world, object, text);
        if (status == STATUS_SUCCESS) {
            ks_wdf_put_handle(call, 3, object->handle);
        } else {
            ks_wdf_object_free(call->world, object);
        }
    }
    ks_nt_text_free(call->world, text);
    return KS_STATUS(status);
}

// WdfStringGetUnicodeString(Globals, String, UnicodeString)
uint64_t ks_wdf_string_get(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_STRING);
    if (object != NULL && ks_wdf_given(call, 1, (const unsigned[]){2})) {
        memcpy(ks_guest_pointer(call->arguments[2]), ks_guest_pointer(object->data.string),
               sizeof(UNICODE_STRING));
    }
    return 0;
}
