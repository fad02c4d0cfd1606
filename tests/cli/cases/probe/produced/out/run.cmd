@echo off
rem Made by kldr probe. Read README.txt first; run it as administrator, on a machine that may crash.
setlocal EnableExtensions DisableDelayedExpansion
cd /d "%~dp0"
set OUT=%~dp0results.jsonl
net session >nul 2>&1
if errorlevel 1 goto no_administrator

rem Nothing that is there already is touched.
if exist "%SystemRoot%\System32\drivers\port.sys" goto taken
if exist "%SystemRoot%\System32\drivers\mini1.sys" goto taken
if exist "%SystemRoot%\System32\drivers\mini2.sys" goto taken
if exist "%SystemRoot%\System32\drivers\broken.sys" goto taken
if not exist "%SystemRoot%\System32\drivers\" mkdir "%SystemRoot%\System32\drivers"
copy /y /b "images\01-port.sys" "%SystemRoot%\System32\drivers\port.sys" >nul
if errorlevel 1 goto no_copy
if not exist "%SystemRoot%\System32\drivers\" mkdir "%SystemRoot%\System32\drivers"
copy /y /b "images\02-mini1.sys" "%SystemRoot%\System32\drivers\mini1.sys" >nul
if errorlevel 1 goto no_copy
if not exist "%SystemRoot%\System32\drivers\" mkdir "%SystemRoot%\System32\drivers"
copy /y /b "images\03-mini2.sys" "%SystemRoot%\System32\drivers\mini2.sys" >nul
if errorlevel 1 goto no_copy
if not exist "%SystemRoot%\System32\drivers\" mkdir "%SystemRoot%\System32\drivers"
copy /y /b "images\04-broken.sys" "%SystemRoot%\System32\drivers\broken.sys" >nul
if errorlevel 1 goto no_copy

for /f "delims=" %%v in ('ver') do set SYSTEM=%%v
>"%OUT%" echo {"kldr_recording": 1, "system": "%SYSTEM%", "scenario": "Two importers"}

rem step 1
sc create "mini1" type= kernel start= demand binPath= "\SystemRoot\System32\drivers\mini1.sys" >nul
if errorlevel 1 goto no_service
sc start "mini1" >nul
set CODE=%ERRORLEVEL%
call :record 1 "load mini1"

rem step 2
sc create "mini2" type= kernel start= demand binPath= "\SystemRoot\System32\drivers\mini2.sys" >nul
if errorlevel 1 goto no_service
sc start "mini2" >nul
set CODE=%ERRORLEVEL%
call :record 2 "load mini2"

rem step 3
sc create "broken" type= kernel start= demand binPath= "\SystemRoot\System32\drivers\broken.sys" >nul
if errorlevel 1 goto no_service
sc start "broken" >nul
set CODE=%ERRORLEVEL%
call :record 3 "load broken"

rem step 4
sc stop "mini1" >nul
set CODE=%ERRORLEVEL%
call :record 4 "unload mini1"

rem step 5
sc stop "mini2" >nul
set CODE=%ERRORLEVEL%
call :record 5 "unload mini2"

echo Done: results.jsonl. Run cleanup.cmd, then restart the machine.
exit /b 0

:record
set SEEN=
for /f "delims=" %%m in ('powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0modules.ps1"') do set SEEN=%%m
>>"%OUT%" echo {"step": %1, "action": %2, "win32": %CODE%%SEEN%}
echo step %1, %~2: %CODE%
exit /b 0

:taken
echo A file of the probe exists already; nothing was changed. Was cleanup.cmd run?
exit /b 2
:no_administrator
echo This needs a prompt of an administrator.
exit /b 2
:no_copy
echo A file cannot be copied. Run cleanup.cmd.
exit /b 2
:no_service
echo A service cannot be made; does one of that name exist? Run cleanup.cmd.
exit /b 2
