// SPDX-License-Identifier: MIT
// run.cmd and cleanup.cmd. Every name in them is plain (probe_check.c), so nothing has to be
// escaped; nothing that was on the machine before is replaced or deleted.

#include "probe/probe_parts.h"

#include "world/service.h"

#include <string.h>

static void text(struct ks_text_buffer *out, const char *value)
{
    ks_text_buffer_text(out, value);
}

// A path as the host's programs take it.
void ks_probe_write_host_path(struct ks_text_buffer *out, const char *path)
{
    static const char root[] = "\\SystemRoot";
    if (strncmp(path, "\\??\\", 4) == 0) {
        text(out, path + 4);
    } else {
        text(out, "%SystemRoot%");
        text(out, path + sizeof root - 1);
    }
}

static void write_folder(struct ks_text_buffer *out, const char *path)
{
    struct ks_text_buffer whole;
    ks_text_buffer_init(&whole, NULL);
    ks_probe_write_host_path(&whole, path);
    size_t length = whole.size;
    while (length > 0 && whole.bytes[length - 1] != '\\') {
        length--;
    }
    ks_text_buffer_bytes(out, whole.bytes, length > 0 ? length - 1 : 0);
    ks_text_buffer_fini(&whole);
}

static void write_windows_path(struct ks_text_buffer *out, const char *file)
{
    for (; *file != '\0'; file++) {
        ks_text_buffer_char(out, *file == '/' ? '\\' : *file);
    }
}

// ---- before the steps ----

static bool path_before(const struct ks_probe_maker *maker, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (ks_same_name(maker->images[i].image->path, maker->images[index].image->path)) {
            return true;
        }
    }
    return false;
}

static void write_guards(const struct ks_probe_maker *maker, struct ks_text_buffer *out)
{
    text(out, "rem Nothing that is there already is touched.\n");
    for (size_t i = 0; i < maker->image_count; i++) {
        if (!path_before(maker, i)) {
            text(out, "if exist \"");
            ks_probe_write_host_path(out, maker->images[i].image->path);
            text(out, "\" goto taken\n");
        }
    }
}

static void write_copy(struct ks_text_buffer *out, const struct ks_probe_image *image)
{
    text(out, "if not exist \"");
    write_folder(out, image->image->path);
    text(out, "\\\" mkdir \"");
    write_folder(out, image->image->path);
    text(out, "\"\ncopy /y /b \"");
    write_windows_path(out, image->file);
    text(out, "\" \"");
    ks_probe_write_host_path(out, image->image->path);
    text(out, "\" >nul\n");
}

// ---- services ----

static bool service_before(struct ks_probe_maker *maker, size_t index,
                           struct ks_probe_service *out_before)
{
    const struct ks_scenario *scenario = maker->scenario;
    bool found = false;
    for (size_t i = 0; i < index; i++) {
        const struct ks_step *step = &scenario->steps[i];
        if (step->action == KS_ACTION_LOAD && ks_probe_has_step(maker, step) &&
            ks_same_name(step->service, scenario->steps[index].service)) {
            found = ks_probe_service_of(maker, step, out_before);
        }
    }
    return found;
}

static void write_service(struct ks_text_buffer *out, const struct ks_probe_service *service,
                          bool exists)
{
    text(out, exists ? "sc config \"" : "sc create \"");
    text(out, service->name);
    text(out, service->type == 2 ? "\" type= filesys start= demand binPath= \""
                                 : "\" type= kernel start= demand binPath= \"");
    text(out, service->path);
    text(out, "\" >nul\nif errorlevel 1 goto no_service\n");
    if (service->object_name != NULL && !exists) {
        text(out, "reg add \"HKLM\\SYSTEM\\CurrentControlSet\\Services\\");
        text(out, service->name);
        text(out, "\" /v ObjectName /t REG_SZ /d \"");
        text(out, service->object_name);
        text(out, "\" /f >nul\n");
    }
}

// ---- steps ----

static void write_load(struct ks_probe_maker *maker, size_t index, struct ks_text_buffer *out)
{
    const struct ks_step *step = &maker->scenario->steps[index];
    struct ks_probe_service service, before = {.path = NULL};
    if (!ks_probe_service_of(maker, step, &service)) {
        return;
    }
    bool exists = service_before(maker, index, &before);
    if (!exists || strcmp(before.path, service.path) != 0) {
        write_service(out, &service, exists);
    }
    text(out, "sc start \"");
    text(out, step->service);
    text(out, "\" >nul\n");
}

static void write_action(struct ks_probe_maker *maker, size_t index, struct ks_text_buffer *out)
{
    const struct ks_step *step = &maker->scenario->steps[index];
    switch (step->action) {
    case KS_ACTION_LOAD:
        write_load(maker, index, out);
        break;
    case KS_ACTION_UNLOAD:
        text(out, "sc stop \"");
        text(out, step->target);
        text(out, "\" >nul\n");
        break;
    case KS_ACTION_DELETE:
        text(out, "del /f \"");
        ks_probe_write_host_path(out, step->target);
        text(out, "\"\n");
        break;
    case KS_ACTION_CREATE:
    case KS_ACTION_REPLACE:
        write_copy(out, ks_probe_find(maker, step->disk_image));
        break;
    default:
        text(out, "ver >nul\n");
        break;
    }
    text(out, "set CODE=%ERRORLEVEL%\n");
}

static const char *target_of(const struct ks_step *step)
{
    return step->action == KS_ACTION_LOAD || step->action == KS_ACTION_UNLOAD
               ? (step->service != NULL ? step->service : step->target)
               : "";
}

static void write_step(struct ks_probe_maker *maker, size_t index, struct ks_text_buffer *out)
{
    const struct ks_step *step = &maker->scenario->steps[index];
    if (!ks_probe_has_step(maker, step) || step->action == KS_ACTION_SHUTDOWN) {
        return;
    }
    text(out, "\nrem step ");
    ks_text_buffer_unsigned(out, index + 1);
    text(out, "\n");
    write_action(maker, index, out);
    text(out, "call :record ");
    ks_text_buffer_unsigned(out, index + 1);
    text(out, " \"");
    text(out, ks_action_name(step->action));
    text(out, target_of(step)[0] != '\0' ? " " : "");
    text(out, target_of(step));
    text(out, "\"\n");
}

// What is not plain in a scenario's name becomes '_'.
static void write_name(struct ks_text_buffer *out, const char *name)
{
    for (; *name != '\0'; name++) {
        bool letter = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z');
        bool plain = letter || (*name >= '0' && *name <= '9') || strchr(" ._-", *name) != NULL;
        ks_text_buffer_char(out, plain ? *name : '_');
    }
}

void ks_probe_write_run(struct ks_probe_maker *maker, struct ks_text_buffer *out)
{
    text(out,
         "@echo off\n"
         "rem Made by kldr probe. Read README.txt first; run it as administrator, on a machine "
         "that may crash.\n"
         "setlocal EnableExtensions DisableDelayedExpansion\n"
         "cd /d \"%~dp0\"\n"
         "set OUT=%~dp0results.jsonl\n"
         "net session >nul 2>&1\n"
         "if errorlevel 1 goto no_administrator\n\n");
    write_guards(maker, out);
    for (size_t i = 0; i < maker->scenario->image_count; i++) {
        write_copy(out, &maker->images[i]);
        text(out, "if errorlevel 1 goto no_copy\n");
    }
    text(out, "\nfor /f \"delims=\" %%v in ('ver') do set SYSTEM=%%v\n"
              ">\"%OUT%\" echo {\"kldr_recording\": 1, \"system\": \"%SYSTEM%\", \"scenario\": \"");
    write_name(out, maker->scenario->name);
    text(out, "\"}\n");
    for (size_t i = 0; i < maker->scenario->step_count; i++) {
        write_step(maker, i, out);
    }
    text(out, "\necho Done: results.jsonl. Run cleanup.cmd, then restart the machine.\n"
              "exit /b 0\n\n"
              ":record\n"
              "set SEEN=\n"
              "for /f \"delims=\" %%m in ('powershell -NoProfile -ExecutionPolicy Bypass -File "
              "\"%~dp0modules.ps1\"') do set SEEN=%%m\n"
              ">>\"%OUT%\" echo {\"step\": %1, \"action\": %2, \"win32\": %CODE%%SEEN%}\n"
              "echo step %1, %~2: %CODE%\n"
              "exit /b 0\n\n"
              ":taken\n"
              "echo A file of the probe exists already; nothing was changed. Was cleanup.cmd run?\n"
              "exit /b 2\n"
              ":no_administrator\n"
              "echo This needs a prompt of an administrator.\n"
              "exit /b 2\n"
              ":no_copy\n"
              "echo A file cannot be copied. Run cleanup.cmd.\n"
              "exit /b 2\n"
              ":no_service\n"
              "echo A service cannot be made; does one of that name exist? Run cleanup.cmd.\n"
              "exit /b 2\n");
}

// ---- afterwards ----

// Only services whose ImagePath is the probe's are deleted, and only files that are in its folder.
static void write_service_end(struct ks_probe_maker *maker, size_t index,
                              struct ks_text_buffer *out)
{
    const struct ks_step *step = &maker->scenario->steps[index];
    struct ks_probe_service service, before;
    if (step->action != KS_ACTION_LOAD || !ks_probe_has_step(maker, step) ||
        service_before(maker, index, &before) || !ks_probe_service_of(maker, step, &service)) {
        return;
    }
    const char *base = strrchr(service.path, '\\') + 1;
    text(out, "reg query \"HKLM\\SYSTEM\\CurrentControlSet\\Services\\");
    text(out, service.name);
    text(out, "\" /v ImagePath 2>nul | findstr /i /l /c:\"\\");
    text(out, base);
    text(out, "\" >nul && (sc stop \"");
    text(out, service.name);
    text(out, "\" >nul & sc delete \"");
    text(out, service.name);
    text(out, "\" >nul)\n");
}

void ks_probe_write_cleanup(struct ks_probe_maker *maker, struct ks_text_buffer *out)
{
    text(out, "@echo off\n"
              "rem Made by kldr probe: takes away what run.cmd put on the machine. What stays in "
              "memory goes with a restart.\n"
              "setlocal EnableExtensions DisableDelayedExpansion\n"
              "cd /d \"%~dp0\"\n");
    for (size_t i = 0; i < maker->scenario->step_count; i++) {
        write_service_end(maker, i, out);
    }
    for (size_t i = 0; i < maker->image_count; i++) {
        text(out, "fc /b \"");
        write_windows_path(out, maker->images[i].file);
        text(out, "\" \"");
        ks_probe_write_host_path(out, maker->images[i].image->path);
        text(out, "\" >nul 2>&1 && del /f \"");
        ks_probe_write_host_path(out, maker->images[i].image->path);
        text(out, "\"\n");
    }
    text(out, "exit /b 0\n");
}
