@echo off
rem Asks for a token value and an event, and records them.
chcp 65001 >nul
call "%~dp0token-sync.cmd" record --ask --pause
exit /b %errorlevel%
