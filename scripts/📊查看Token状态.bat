@echo off
rem Shows the token usage.
chcp 65001 >nul
call "%~dp0token-sync.cmd" status --pause
exit /b %errorlevel%
