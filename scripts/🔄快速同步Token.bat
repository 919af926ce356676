@echo off
rem Records the token value in the clipboard.
chcp 65001 >nul
call "%~dp0token-sync.cmd" quick --pause
exit /b %errorlevel%
