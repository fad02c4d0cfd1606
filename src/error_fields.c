// SPDX-License-Identifier: MIT

#include "error_fields.h"

#include <stdarg.h>
#include <stdio.h>

void kl_error_names(struct kldr_error *error, const char *module, const char *importer)
{
    if (error != NULL && module != NULL) {
        snprintf(error->module, sizeof error->module, "%s", module);
    }
    if (error != NULL && importer != NULL) {
        snprintf(error->importer, sizeof error->importer, "%s", importer);
    }
}

void kl_error_symbol(struct kldr_error *error, const char *name, uint32_t ordinal)
{
    if (error == NULL) {
        return;
    }
    snprintf(error->symbol, sizeof error->symbol, "%s", name != NULL ? name : "");
    error->has_ordinal = name == NULL;
    error->ordinal = name == NULL ? ordinal : 0;
}

void kldr_error_advise(struct kldr_error *error, const char *format, ...)
{
    if (error == NULL) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->advice, sizeof error->advice, format, arguments);
    va_end(arguments);
}
