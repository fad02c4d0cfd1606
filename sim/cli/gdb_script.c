// SPDX-License-Identifier: MIT
// Breakpoints of drivers are pending until their image lies in memory; a breakpoint on
// ks_debugger_image (sim/engine/debugger.h) adds and removes symbols when images come and go. It
// stands at the function's first instruction, where the arguments are in registers, so that no
// debug information of kldr's own is needed.
#include "cli/gdb_script.h"
#include "engine/debugger.h"

#include <string.h>

// A word of gdb's command line in double quotes.
static void write_quoted(struct ks_text_buffer *out, const char *text)
{
    ks_text_buffer_char(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            ks_text_buffer_char(out, '\\');
        }
        ks_text_buffer_char(out, *text);
    }
    ks_text_buffer_char(out, '"');
}

// The same inside the format of eval.
static void write_quoted_in_format(struct ks_text_buffer *out, const char *text)
{
    ks_text_buffer_text(out, "\\\"");
    for (; *text != '\0'; text++) {
        if (*text == '%') {
            ks_text_buffer_text(out, "%%");
        } else if (*text == '"' || *text == '\\') {
            ks_text_buffer_text(out, "\\\\\\");
            ks_text_buffer_char(out, *text);
        } else {
            ks_text_buffer_char(out, *text);
        }
    }
    ks_text_buffer_text(out, "\\\"");
}

// gdb starts programs with a shell.
static void write_for_shell(struct ks_text_buffer *out, const char *text)
{
    ks_text_buffer_char(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            ks_text_buffer_text(out, "'\\''");
        } else {
            ks_text_buffer_char(out, *text);
        }
    }
    ks_text_buffer_char(out, '\'');
}

static void write_settings(struct ks_text_buffer *out)
{
    ks_text_buffer_text(
        out,
        "# Made by kldr load --gdb. Use it in the folder where it was made:\n"
        "#   gdb -x FILE\n"
        "#   (gdb) run\n"
        "# It stops at DriverEntry and DllInitialize of every driver that has symbols. To stop\n"
        "# where a driver faults: handle SIGSEGV stop print\n"
        "set pagination off\n"
        "set confirm off\n"
        "set breakpoint pending on\n"
        "# Code of drivers runs in a process of its own, and in one only.\n"
        "set environment KLDR_ONE_WORKER 1\n"
        "set follow-fork-mode child\n"
        "set detach-on-fork on\n"
        "# kldr uses these signals; int3 in a driver is left to gdb.\n"
        "handle SIGSEGV SIGBUS SIGILL SIGFPE SIGVTALRM nostop noprint pass\n\n");
}

static void write_program(struct ks_text_buffer *out, const struct ks_gdb_script *script)
{
    if (script->program != NULL) {
        ks_text_buffer_text(out, "file ");
        write_quoted(out, script->program);
        ks_text_buffer_char(out, '\n');
    }
    ks_text_buffer_text(out, "set args load --timeout 86400");
    for (size_t i = 0; i < script->argument_count; i++) {
        ks_text_buffer_char(out, ' ');
        write_for_shell(out, script->arguments[i]);
    }
    ks_text_buffer_text(out, "\n\n");
}

static void write_what(struct ks_text_buffer *out, enum ks_debugger_what what, uint64_t shown)
{
    ks_text_buffer_text(out, "    if $rdi == ");
    ks_text_buffer_unsigned(out, what);
    ks_text_buffer_text(out, " && $rsi == ");
    ks_text_buffer_address(out, shown);
}

// "$kldr3": whether the symbols of image number 3 are there.
static void write_flag(struct ks_text_buffer *out, size_t number)
{
    ks_text_buffer_text(out, "$kldr");
    ks_text_buffer_unsigned(out, number);
}

static void write_image(struct ks_text_buffer *out, const struct ks_gdb_image *image, size_t number)
{
    write_what(out, KS_DEBUGGER_READY, image->shown);
    ks_text_buffer_text(out, "\n        eval \"add-symbol-file ");
    write_quoted_in_format(out, image->path);
    ks_text_buffer_text(out, " -o 0x%lx\", $rdx - ");
    ks_text_buffer_address(out, image->preferred_base);
    ks_text_buffer_text(out, "\n        set ");
    write_flag(out, number);
    ks_text_buffer_text(out, " = 1\n    end\n");
    write_what(out, KS_DEBUGGER_GONE, image->shown);
    ks_text_buffer_text(out, " && ");
    write_flag(out, number);
    ks_text_buffer_text(out, "\n        set ");
    write_flag(out, number);
    ks_text_buffer_text(out, " = 0\n        eval \"remove-symbol-file -a 0x%lx\", $rdx + ");
    ks_text_buffer_address(out, image->section);
    ks_text_buffer_text(out, "\n    end\n");
}

void ks_gdb_script_write(struct ks_text_buffer *out, const struct ks_gdb_script *script)
{
    write_settings(out);
    write_program(out, script);
    for (size_t i = 0; i < script->image_count; i++) {
        ks_text_buffer_text(out, "set ");
        write_flag(out, i + 1);
        ks_text_buffer_text(out, " = 0\n");
    }
    ks_text_buffer_text(out, "# Images come and go.\n"
                             "break *ks_debugger_image\n"
                             "commands\n"
                             "    silent\n");
    for (size_t i = 0; i < script->image_count; i++) {
        write_image(out, &script->images[i], i + 1);
    }
    ks_text_buffer_text(out, "    continue\n"
                             "end\n\n"
                             "break DriverEntry\n"
                             "break DllInitialize\n");
}
