#!/bin/sh
# SPDX-License-Identifier: MIT
#
# wine_kernel.sh KLDR...: the driver with which Wine tests its kernel is compiled from Debian's source
# and run: what it claims of Windows' kernel must hold of the simulated one. $DEFS has ntoskrnl.def.
#
# Left out, by name below: what asks about a calling user process or a second processor (the simulated
# system has neither), what needs a second driver and the names of open files, and setting a timer up
# anew while it is set, which kldr judges as Driver Verifier does.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
gcc=x86_64-w64-mingw32-gcc
command -v $gcc >/dev/null || {
    echo "skipped: $gcc is not here"
    exit 77
}
cache=$("$here/fetch.sh") || exit 77
source=$cache/winesource/dlls/ntoskrnl.exe/tests
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$source/driver.h" "$work/"
cp "$here/claims.h" "$work/utils.h"
left_out='test_current_thread(FALSE) test_process_memory( test_load_driver( test_affinity('
edits='s/lstrlenW/wcslen/g; s/lstrcpyW/wcscpy/g; s/info.InheritedFromUniqueProcessId/info.Reserved3/'
for name in $left_out; do
    edits="$edits
        /^    $name.*;/d"
done
# The second time that the same timer is set up, it is set.
sed "$edits" "$source/driver.c" | awk '
    /KeInitializeTimerEx\(&timer, SynchronizationTimer\);/ && ++times == 2 {
        print "    KeCancelTimer(&timer); return;"
        next
    }
    { print }' >"$work/driver.c"

cd "$work"
x86_64-w64-mingw32-dlltool -d "$DEFS/ntoskrnl.def" -l kernel.lib
$gcc -I "$cache/winesource/include" -O1 -w -fno-builtin -mno-sse -c driver.c -o driver.o
$gcc -nostdlib -shared -Wl,--subsystem,native -Wl,--entry,DriverEntry -Wl,--image-base,0x140000000 \
    -Wl,--dynamicbase -Wl,--file-alignment,0x200 -Wl,--section-alignment,0x1000 \
    -o winetest.sys driver.o kernel.lib
cp "$here/wine_kernel.kldr.yaml" .
"$@" run wine_kernel.kldr.yaml
