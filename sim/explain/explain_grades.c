// SPDX-License-Identifier: MIT
// From grades to words: what a fact rests on, and whether anybody has checked it.
//
// The rule for "unverified": a fact that has only reports (O) or inference (I) and is borne out
// neither by Microsoft's pages (D) nor by a test on real Windows (T). ReactOS alone does not verify
// what Windows does. Pages that state the opposite do not count as bearing out.
#include "explain/explain.h"

#include <stdio.h>
#include <string.h>

static const struct {
    enum ks_grade grade;
    char letter;
    const char *text;
} grades[KS_GRADE_COUNT] = {
    {KS_GRADE_D, 'D', "documented by Microsoft"},
    {KS_GRADE_R, 'R', "known from the sources of ReactOS"},
    {KS_GRADE_T, 'T', "tested on real Windows by Wine or ReactOS authors"},
    {KS_GRADE_S, 'S', "stated by authors of a shipped export driver"},
    {KS_GRADE_U, 'U', "reported by users"},
    {KS_GRADE_O, 'O', "reported of released kernels, second-hand; nobody here has checked it"},
    {KS_GRADE_I, 'I', "inferred"},
};

const char *ks_fact_grade_text(enum ks_grade grade)
{
    for (size_t i = 0; i < KS_GRADE_COUNT; i++) {
        if (grades[i].grade == grade) {
            return grades[i].text;
        }
    }
    return "";
}

char *ks_fact_grades(unsigned set, char text[KS_FACT_GRADES_SIZE])
{
    char *end = text;
    for (size_t i = 0; i < KS_GRADE_COUNT; i++) {
        if ((set & (unsigned)grades[i].grade) != 0) {
            *end++ = '[';
            *end++ = grades[i].letter;
            *end++ = ']';
        }
    }
    *end = '\0';
    return text;
}

static bool borne_out(const struct ks_fact *fact)
{
    bool documented = (fact->grades & KS_GRADE_D) != 0 && !fact->docs_differ;
    return documented || (fact->grades & KS_GRADE_T) != 0;
}

static bool unverified(const struct ks_fact *fact)
{
    return (fact->grades & (KS_GRADE_O | KS_GRADE_I)) != 0 && !borne_out(fact);
}

bool ks_fact_unverified(const char *ids)
{
    char id[16];
    while (ks_explain_next(&ids, id, sizeof id)) {
        struct ks_fact fact;
        if (ks_explain_fact(id, &fact) && unverified(&fact)) {
            return true;
        }
    }
    return false;
}

static const char *reported(const struct ks_fact *fact)
{
    if (fact->docs_differ) {
        return "reported, unverified; the documentation says otherwise";
    }
    if (fact->reactos_differs) {
        return "reported, unverified; ReactOS differs";
    }
    if ((fact->grades & KS_GRADE_R) != 0) {
        return "reported, unverified; ReactOS does the same";
    }
    if ((fact->grades & KS_GRADE_S) != 0) {
        return "reported, unverified; driver authors say so too";
    }
    return "reported, unverified";
}

const char *ks_fact_trust(const struct ks_fact *fact)
{
    bool documented = (fact->grades & KS_GRADE_D) != 0 && !fact->docs_differ;
    if (documented && (fact->grades & KS_GRADE_T) != 0) {
        return "documented by Microsoft and tested on real Windows";
    }
    if (documented) {
        return ks_fact_grade_text(KS_GRADE_D);
    }
    if ((fact->grades & KS_GRADE_T) != 0) {
        return ks_fact_grade_text(KS_GRADE_T);
    }
    if ((fact->grades & KS_GRADE_O) != 0) {
        return reported(fact);
    }
    if ((fact->grades & KS_GRADE_I) != 0) {
        return "inferred, unverified";
    }
    for (size_t i = 0; i < KS_GRADE_COUNT; i++) {
        if ((fact->grades & (unsigned)grades[i].grade) != 0) {
            return grades[i].text;
        }
    }
    return "";
}

char *ks_fact_cite(const char *id, char text[KS_FACT_CITE_SIZE])
{
    (void)snprintf(text, KS_FACT_CITE_SIZE, "%.32s%s", id,
                   ks_fact_unverified(id) ? ", reported, unverified" : "");
    return text;
}
