// SPDX-License-Identifier: MIT
// The PowerShell scripts and the README of a probe.

#include "probe/probe_parts.h"

#include "world/service.h"

// SystemModuleInformation lists every kernel module in load order, with its LoadCount; names of
// entries are at a fixed place. This is what the recording's modules and counts come from.
static const char modules_script[] =
    "Add-Type -TypeDefinition @'\n"
    "using System;\n"
    "using System.Collections.Generic;\n"
    "using System.Runtime.InteropServices;\n"
    "public static class KldrModules {\n"
    "    [DllImport(\"ntdll.dll\")]\n"
    "    static extern int NtQuerySystemInformation(int what, IntPtr buffer, int size, out int "
    "needed);\n"
    "    const int Modules = 11, HeaderSize = 8, EntrySize = 0x128;\n"
    "    const int LoadCountAt = 0x24, NameOffsetAt = 0x26, PathAt = 0x28;\n"
    "    public static List<KeyValuePair<string, int>> List() {\n"
    "        int size = 1 << 20;\n"
    "        while (true) {\n"
    "            IntPtr buffer = Marshal.AllocHGlobal(size);\n"
    "            try {\n"
    "                int needed, status = NtQuerySystemInformation(Modules, buffer, size, out "
    "needed);\n"
    "                if (status == unchecked((int)0xC0000004)) { size = needed + 65536; continue; "
    "}\n"
    "                if (status < 0) throw new Exception(\"status 0x\" + "
    "status.ToString(\"X8\"));\n"
    "                var list = new List<KeyValuePair<string, int>>();\n"
    "                int count = Marshal.ReadInt32(buffer);\n"
    "                for (int i = 0; i < count; i++) {\n"
    "                    IntPtr entry = IntPtr.Add(buffer, HeaderSize + i * EntrySize);\n"
    "                    int name = (ushort)Marshal.ReadInt16(entry, NameOffsetAt);\n"
    "                    list.Add(new KeyValuePair<string, int>(\n"
    "                        Marshal.PtrToStringAnsi(IntPtr.Add(entry, PathAt + name)),\n"
    "                        (ushort)Marshal.ReadInt16(entry, LoadCountAt)));\n"
    "                }\n"
    "                return list;\n"
    "            } finally { Marshal.FreeHGlobal(buffer); }\n"
    "        }\n"
    "    }\n"
    "}\n"
    "'@\n"
    "$modules = @(); $counts = @()\n"
    "foreach ($module in [KldrModules]::List()) {\n"
    "    if ($names -contains $module.Key) {\n"
    "        $modules += '\"' + $module.Key + '\"'\n"
    "        $counts += '\"' + $module.Key + '\": ' + $module.Value\n"
    "    }\n"
    "}\n"
    "Write-Output (', \"modules\": [' + ($modules -join ', ') + '], \"counts\": {' + ($counts "
    "-join "
    "', ') + '}')\n";

static bool name_before(const struct ks_probe_maker *maker, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (ks_same_name(maker->images[i].image->base_name,
                         maker->images[index].image->base_name)) {
            return true;
        }
    }
    return false;
}

void ks_probe_write_modules(struct ks_probe_maker *maker, struct ks_text_buffer *out)
{
    ks_text_buffer_text(out, "# Made by kldr probe: prints which of the probe's images are loaded, "
                             "and their LoadCount.\n"
                             "$names = @(");
    bool first = true;
    for (size_t i = 0; i < maker->image_count; i++) {
        if (!name_before(maker, i)) {
            ks_text_buffer_text(out, first ? "'" : ", '");
            ks_text_buffer_text(out, maker->images[i].image->base_name);
            ks_text_buffer_char(out, '\'');
            first = false;
        }
    }
    ks_text_buffer_text(out, ")\n");
    ks_text_buffer_text(out, modules_script);
}

void ks_probe_write_sign(struct ks_text_buffer *out)
{
    ks_text_buffer_text(
        out,
        "# Made by kldr probe: makes a test certificate, trusts it on this machine, signs the "
        "images with it.\n"
        "$ErrorActionPreference = 'Stop'\n"
        "$subject = 'CN=kldr probe (test only)'\n"
        "$certificate = Get-ChildItem Cert:\\LocalMachine\\My | Where-Object Subject -eq $subject "
        "|\n"
        "    Select-Object -First 1\n"
        "if (-not $certificate) {\n"
        "    $certificate = New-SelfSignedCertificate -Type CodeSigningCert -Subject $subject `\n"
        "        -CertStoreLocation Cert:\\LocalMachine\\My\n"
        "    foreach ($name in 'Root', 'TrustedPublisher') {\n"
        "        $store = New-Object "
        "System.Security.Cryptography.X509Certificates.X509Store($name, 'LocalMachine')\n"
        "        $store.Open('ReadWrite'); $store.Add($certificate); $store.Close()\n"
        "    }\n"
        "}\n"
        "Get-ChildItem (Join-Path $PSScriptRoot 'images\\*.sys') | ForEach-Object {\n"
        "    Set-AuthenticodeSignature -FilePath $_.FullName -Certificate $certificate "
        "-HashAlgorithm SHA256\n"
        "}\n");
}

static void write_images(struct ks_probe_maker *maker, struct ks_text_buffer *out)
{
    for (size_t i = 0; i < maker->image_count; i++) {
        ks_text_buffer_text(out, "  ");
        ks_text_buffer_text(out, maker->images[i].file);
        ks_text_buffer_text(out, "  is put at  ");
        ks_text_buffer_text(out, maker->images[i].image->path);
        ks_text_buffer_text(out, maker->images[i].image->broken != 0
                                     ? "  (broken on purpose: signing may fail or mend it)\n"
                                     : "\n");
    }
}

void ks_probe_write_readme(struct ks_probe_maker *maker, struct ks_text_buffer *out)
{
    ks_text_buffer_text(out, "A probe made by kldr from the scenario\n  ");
    ks_text_buffer_visible(out, maker->scenario->name);
    ks_text_buffer_text(
        out,
        "\n\nIt loads drivers of no other use. Use a virtual machine with a snapshot: a kernel "
        "that does\nsomething else than expected may crash. Nobody has run it before you.\n\n"
        "1. x64 Windows with Secure Boot off. As administrator:\n"
        "     bcdedit /set testsigning on\n"
        "   and restart.\n"
        "2. Sign the images, as administrator:\n"
        "     powershell -NoProfile -ExecutionPolicy Bypass -File sign.ps1\n"
        "3. Start DebugView (Sysinternals) as administrator with Capture > Capture Kernel, or "
        "attach a\n   kernel debugger. Each routine prints a line: KLDR module!Routine\n"
        "4. Run run.cmd as administrator. It writes results.jsonl, a line for each step: the "
        "error that\n   sc gave, the loaded images of the probe, their LoadCount.\n"
        "5. Save DebugView's lines as prints.log.\n"
        "6. Run cleanup.cmd, restart. Take back testsigning, and the certificate \"kldr "
        "probe\", when done.\n"
        "7. Where kldr is:\n"
        "     kldr compare scenario.kldr.yaml --recorded results.jsonl --prints prints.log "
        "--profiles 24h2\n"
        "   (FILE:NAME when the file holds several scenarios).\n\n"
        "The images:\n");
    write_images(maker, out);
    ks_text_buffer_text(
        out, "\nThe service control manager has rules of its own on top of the kernel's. An error "
             "of sc that the\nkernel cannot have given (1052, 1056, 1060 to 1062, 1072) is its "
             "word, not the loader's.\n");
}
