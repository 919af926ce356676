@echo off
rem The CLI of a checkout: sets up when needed, then runs the bundle on the project's own Node.
setlocal
set "root=%~dp0.."
where node >nul 2>nul
if errorlevel 1 if not exist "%root%\node_modules\node\bin\node.exe" (
  echo token-sync: Node.js 20 or later is needed: https://nodejs.org 1>&2
  exit /b 1
)
if exist "%root%\node_modules\node\bin\node.exe" if exist "%root%\dist\.sources" if not exist "%root%\.git" goto run
node "%root%\scripts\setup.mjs"
if errorlevel 1 exit /b 1
:run
"%root%\node_modules\node\bin\node.exe" "%root%\dist\cli.js" %*
exit /b %errorlevel%
