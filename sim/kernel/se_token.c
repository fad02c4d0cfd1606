// SPDX-License-Identifier: MIT
// Se: the one token, of the system process.

#include "kernel/ke/ke.h"
#include "kernel/ob/ob_call.h"
#include "world/world_object.h"

#define BODY_SIZE 64u // nobody looks inside
#define TOKEN     "\\KernelObjects\\KldrSystemToken"

// Referenced. NULL: no memory.
static struct ks_object *take_token(struct kldr_world *world)
{
    struct ks_object *token = NULL;
    const struct ks_ob_lookup lookup = {.name = TOKEN, .type = KS_OB_TOKEN};
    if (NT_SUCCESS(ks_ob_look_up_path(world, TOKEN, KS_OB_TOKEN, &token))) {
        return token;
    }
    token = ks_ob_create(world, KS_OB_TOKEN, BODY_SIZE, 0);
    if (token != NULL) {
        token->attributes = OBJ_PERMANENT;
        ks_ob_enter(world, token, &lookup, NULL);
    }
    return token;
}

// PsReferencePrimaryToken(Process)
uint64_t ks_se_token_reference_primary(const struct ks_kernel_call *call)
{
    const struct ks_object *process = ks_ob_call_object(call, call->arguments[0]);
    const struct ks_object *token = process != NULL ? take_token(call->world) : NULL;
    return token != NULL ? token->body : 0;
}

uint64_t ks_se_token_dereference_primary(const struct ks_kernel_call *call)
{
    struct ks_object *token = ks_ob_call_object(call, call->arguments[0]);
    if (token != NULL) {
        ks_ob_dereference(call->world, token);
    }
    return 0;
}

// SeTokenIsAdmin(Token): the system is a member of the administrators.
uint64_t ks_se_token_is_admin(const struct ks_kernel_call *call)
{
    const struct ks_object *token = ks_ob_call_object(call, call->arguments[0]);
    return token != NULL && token->type == KS_OB_TOKEN;
}
