@echo off
rem Made by kldr probe: takes away what run.cmd put on the machine. What stays in memory goes with a restart.
setlocal EnableExtensions DisableDelayedExpansion
cd /d "%~dp0"
reg query "HKLM\SYSTEM\CurrentControlSet\Services\mini1" /v ImagePath 2>nul | findstr /i /l /c:"\mini1.sys" >nul && (sc stop "mini1" >nul & sc delete "mini1" >nul)
reg query "HKLM\SYSTEM\CurrentControlSet\Services\mini2" /v ImagePath 2>nul | findstr /i /l /c:"\mini2.sys" >nul && (sc stop "mini2" >nul & sc delete "mini2" >nul)
reg query "HKLM\SYSTEM\CurrentControlSet\Services\broken" /v ImagePath 2>nul | findstr /i /l /c:"\broken.sys" >nul && (sc stop "broken" >nul & sc delete "broken" >nul)
fc /b "images\01-port.sys" "%SystemRoot%\System32\drivers\port.sys" >nul 2>&1 && del /f "%SystemRoot%\System32\drivers\port.sys"
fc /b "images\02-mini1.sys" "%SystemRoot%\System32\drivers\mini1.sys" >nul 2>&1 && del /f "%SystemRoot%\System32\drivers\mini1.sys"
fc /b "images\03-mini2.sys" "%SystemRoot%\System32\drivers\mini2.sys" >nul 2>&1 && del /f "%SystemRoot%\System32\drivers\mini2.sys"
fc /b "images\04-broken.sys" "%SystemRoot%\System32\drivers\broken.sys" >nul 2>&1 && del /f "%SystemRoot%\System32\drivers\broken.sys"
exit /b 0
