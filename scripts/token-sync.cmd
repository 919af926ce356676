@echo off
rem The CLI of a checkout: sets up when needed, then runs the bundle on the project's own Node.
setlocal
set "root=%~dp0.."
set "node=%root%\node_modules\node\bin\node.exe"
where node >nul 2>nul
if errorlevel 1 if not exist "%node%" (
  echo token-sync: Node.js 20 or later is needed: https://nodejs.org 1>&2
  goto fail
)
if exist "%node%" if exist "%root%\dist\.sources" if not exist "%root%\.git" goto run
node -e "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)"
if errorlevel 1 (
  echo token-sync: this Node.js is too old; 20 or later is needed: https://nodejs.org 1>&2
  goto fail
)
node "%root%\scripts\setup.mjs"
if errorlevel 1 goto fail
:run
"%node%" "%root%\dist\cli.js" %*
exit /b %errorlevel%
:fail
rem The window of a double click would close before anybody has read why.
for %%a in (%*) do if "%%~a"=="--pause" pause
exit /b 1
