// SPDX-License-Identifier: MIT
// Numbers, statuses and the small forms of text. The patterns in key_words.c say the same to the
// schema.
#include "scenario/format/scalar.h"

#include "scenario/parse/def_export.h"

#include <kldr/world.h>

#include <string.h>

static int digit_of(char c, unsigned base)
{
    int value = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : 99;
    return value < (int)base ? value : -1;
}

static bool read_digits(const char *text, unsigned base, uint64_t *out_number)
{
    uint64_t number = 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        int digit = digit_of(*text, base);
        if (digit < 0 || number > (UINT64_MAX - (unsigned)digit) / base) {
            return false;
        }
        number = number * base + (unsigned)digit;
    }
    *out_number = number;
    return true;
}

bool ks_scalar_number(const char *text, uint64_t *out_number)
{
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    return hexadecimal ? read_digits(text + 2, 16, out_number) : read_digits(text, 10, out_number);
}

bool ks_scalar_status(const char *text, kldr_status *out_status)
{
    uint64_t number;
    if (ks_scalar_number(text, &number)) {
        if (number <= UINT32_MAX) {
            *out_status = (kldr_status)number;
        }
        return number <= UINT32_MAX;
    }
    struct kldr_status_info info;
    if (!kldr_status_find_name(text, &info)) {
        return false;
    }
    *out_status = info.value;
    return true;
}

bool ks_scalar_stop_code(const char *text, uint32_t *out_code)
{
    uint64_t number;
    if (ks_scalar_number(text, &number)) {
        if (number <= UINT32_MAX) {
            *out_code = (uint32_t)number;
        }
        return number <= UINT32_MAX;
    }
    struct kldr_stop_code_info info;
    if (!kldr_stop_code_find_name(text, &info)) {
        return false;
    }
    *out_code = info.code;
    return true;
}

size_t ks_scalar_find_control(const char *text, size_t length, bool lines)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c < 0x7F) {
            continue;
        }
        bool c1 = c == 0xC2 && i + 1 < length && (unsigned char)text[i + 1] < 0xA0;
        if (c1 || c == 0x7F || (c < 0x20 && !(lines && (c == '\n' || c == '\t')))) {
            return i;
        }
    }
    return length;
}

size_t ks_scalar_module_length(const char *text)
{
    size_t length = strcspn(text, "!");
    return text[length] == '!' && text[length + 1] != '\0' ? length : 0;
}

size_t ks_scalar_offset_module_length(const char *text)
{
    const char *plus = strrchr(text, '+');
    uint64_t offset;
    if (plus == NULL || plus == text || plus[1] != '0' || (plus[2] != 'x' && plus[2] != 'X') ||
        strlen(plus + 3) > 8 || !ks_scalar_number(plus + 1, &offset)) {
        return 0;
    }
    return (size_t)(plus - text);
}

bool ks_scalar_fits_image_path(const char *text, size_t length, const char **out_why,
                               size_t *out_at)
{
    if (text[0] == '\\') {
        *out_why = "a path ends with the name of the file";
        *out_at = length - 1;
        return length > 1 && text[length - 1] != '\\';
    }
    *out_why =
        "an image is a base name such as port.sys or a full path that begins with a backslash";
    *out_at = strcspn(text, "\\/:");
    return *out_at == length;
}

bool ks_scalar_fits_module_routine(const char *text, size_t length, const char **out_why,
                                   size_t *out_at)
{
    (void)length;
    *out_why = "the form is module!Routine";
    *out_at = 0;
    return ks_scalar_module_length(text) != 0;
}

bool ks_scalar_fits_function_name(const char *text, size_t length, const char **out_why,
                                  size_t *out_at)
{
    uint64_t ordinal;
    (void)length;
    *out_why = "`#` stands before an ordinal from 0 to 65535";
    *out_at = 0;
    return text[0] != '#' || (strncmp(text, "#0x", 3) != 0 && strncmp(text, "#0X", 3) != 0 &&
                              ks_scalar_number(text + 1, &ordinal) && ordinal <= UINT16_MAX);
}

bool ks_scalar_fits_forwarder(const char *text, size_t length, const char **out_why, size_t *out_at)
{
    return ks_def_export_check_forwarder(text, length, out_why, out_at);
}

bool ks_scalar_fits_export_entry(const char *text, size_t length, const char **out_why,
                                 size_t *out_at)
{
    struct ks_def_export export;
    return ks_def_export_parse(text, length, &export, out_why, out_at);
}

bool ks_scalar_fits_bound_target(const char *text, size_t length, const char **out_why,
                                 size_t *out_at)
{
    (void)length;
    *out_why = "the form is module!export or module+0x123";
    *out_at = 0;
    return ks_scalar_module_length(text) != 0 ||
           (strchr(text, '!') == NULL && ks_scalar_offset_module_length(text) != 0);
}

// ---- devices and requests ----

bool ks_scalar_fits_label(const char *text, size_t length, const char **out_why, size_t *out_at)
{
    (void)length;
    *out_why = "a name has no backslash in front: that would be an object's";
    *out_at = 0;
    return text[0] != '\\';
}

bool ks_scalar_fits_object_name(const char *text, size_t length, const char **out_why,
                                size_t *out_at)
{
    *out_why = "an object's name is a path such as \\Device\\Port0";
    *out_at = 0;
    return text[0] == '\\' && length > 1 && text[length - 1] != '\\';
}

int ks_scalar_hex_digit(char c)
{
    return digit_of(c, 16);
}

bool ks_scalar_fits_hex(const char *text, size_t length, const char **out_why, size_t *out_at)
{
    size_t at = 0;
    *out_why = "bytes are hexadecimal digits in pairs such as 55AA or 55 AA; a text is {text: ...}";
    while (at + 1 < length && digit_of(text[at], 16) >= 0 && digit_of(text[at + 1], 16) >= 0) {
        at += 2;
        if (at == length) {
            return true;
        }
        at += text[at] == ' ' ? 1 : 0;
    }
    *out_at = at < length ? at : length - 1;
    return false;
}

bool ks_scalar_time(const char *text, uint64_t *out_time)
{
    static const struct {
        const char *name;
        uint64_t units;
    } units[] = {{"us", 10},
                 {"ms", 10000},
                 {"s", 10000000},
                 {"min", UINT64_C(600000000)},
                 {"h", UINT64_C(36000000000)}};
    uint64_t number = 0;
    size_t digits = strspn(text, "0123456789");
    for (size_t i = 0; i < digits && digits <= 9; i++) {
        number = number * 10 + (unsigned)(text[i] - '0');
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0] && digits >= 1 && digits <= 9; i++) {
        if (strcmp(text + digits, units[i].name) == 0) {
            *out_time = number * units[i].units;
            return true;
        }
    }
    return false;
}

bool ks_scalar_fits_time(const char *text, size_t length, const char **out_why, size_t *out_at)
{
    uint64_t time;
    (void)length;
    *out_why = "a time is a number of up to 9 digits and us, ms, s, min or h, as in 5s";
    *out_at = 0;
    return ks_scalar_time(text, &time);
}

bool ks_scalar_fits_registry_path(const char *text, size_t length, const char **out_why,
                                  size_t *out_at)
{
    static const char root[] = "\\registry\\";
    size_t same = 0;
    while (root[same] != '\0' &&
           (text[same] == root[same] ||
            (text[same] >= 'A' && text[same] <= 'Z' && text[same] + ('a' - 'A') == root[same]))) {
        same++;
    }
    *out_why = "a key is a path such as \\Registry\\Machine\\Software";
    *out_at = 0;
    return root[same] == '\0' && length > same && text[length - 1] != '\\';
}

bool ks_scalar_fits_signature(const char *text, size_t length, const char **out_why, size_t *out_at)
{
    size_t at = 0;
    while (at < length && text[at] >= ' ' && text[at] <= '~') {
        at++;
    }
    *out_why = "a signature has 1 to 12 printable ASCII characters";
    *out_at = at < length ? at : 0;
    return at == length && length >= 1 && length <= 12;
}
