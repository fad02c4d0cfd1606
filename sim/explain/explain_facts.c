// SPDX-License-Identifier: MIT
// The table of facts and its families, in the order of the behaviour sheet.
#include "explain/explain.h"

#include <string.h>

enum {
    D = KS_GRADE_D,
    R = KS_GRADE_R,
    T = KS_GRADE_T,
    S = KS_GRADE_S,
    U = KS_GRADE_U,
    O = KS_GRADE_O,
    I = KS_GRADE_I,
};

// The last argument is the text, followed by designated initialisers if there are any.
#define FACT(id_, grades_, profiles_, knobs_, related_, title_, ...)                               \
    {.id = id_,                                                                                    \
     .grades = grades_,                                                                            \
     .profiles = profiles_,                                                                        \
     .knobs = knobs_,                                                                              \
     .related = related_,                                                                          \
     .title = title_,                                                                              \
     .text = __VA_ARGS__},
#define SCENARIO(id_, related_, title_, text_) FACT(id_, 0, "", "", related_, title_, text_)
#define DECISION(id_, related_, title_, text_) FACT(id_, 0, "", "", related_, title_, text_)

static const struct ks_fact facts[] = {
#include "explain/facts_load.inc"
//
#include "explain/facts_import.inc"
//
#include "explain/facts_thunk.inc"
//
#include "explain/facts_initialize.inc"
//
#include "explain/facts_unload.inc"
//
#include "explain/facts_io.inc"
//
#include "explain/facts_boot.inc"
//
#include "explain/facts_contract.inc"
//
#include "explain/facts_build.inc"
//
#include "explain/facts_reactos.inc"
//
#include "explain/facts_open.inc"
//
#include "explain/facts_tests.inc"
//
#include "explain/facts_decisions.inc"
};

static const struct ks_fact_family families[] = {
    {"L", "loading an image", "fact"},
    {"R", "import descriptors", "fact"},
    {"S", "binding a cell", "fact"},
    {"N", "DllInitialize", "fact"},
    {"U", "counting down and unloading", "fact"},
    {"H", "the I/O manager and hybrids", "fact"},
    {"B", "modules loaded at boot", "fact"},
    {"M", "neighbouring interfaces", "fact"},
    {"C", "the documented contract against kernels", "fact"},
    {"P", "building an export driver", "fact"},
    {"RD", "how ReactOS deviates", "fact"},
    {"X", "what is not known", "question"},
    {"Q", "what confused people", "question"},
    {"V", "what holds when nothing is loading", "invariant"},
    {"T", "test scenarios", "scenario"},
    {"A", "decisions where the sources are silent", "decision"},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

size_t ks_fact_count(void)
{
    return COUNT(facts);
}

const struct ks_fact *ks_fact_at(size_t index)
{
    return index < COUNT(facts) ? &facts[index] : NULL;
}

bool ks_explain_fact(const char *id, struct ks_fact *out_fact)
{
    for (size_t i = 0; i < COUNT(facts); i++) {
        if (ks_explain_same(facts[i].id, id)) {
            *out_fact = facts[i];
            return true;
        }
    }
    return false;
}

size_t ks_fact_family_count(void)
{
    return COUNT(families);
}

const struct ks_fact_family *ks_fact_family_at(size_t index)
{
    return index < COUNT(families) ? &families[index] : NULL;
}

const struct ks_fact_family *ks_fact_family(const char *id)
{
    size_t letters = strcspn(id, "0123456789");
    char prefix[4];
    if (letters >= sizeof prefix || id[letters + strspn(id + letters, "0123456789")] != '\0') {
        return NULL;
    }
    memcpy(prefix, id, letters);
    prefix[letters] = '\0';
    for (size_t i = 0; i < COUNT(families); i++) {
        if (ks_explain_same(families[i].prefix, prefix)) {
            return &families[i];
        }
    }
    return NULL;
}
