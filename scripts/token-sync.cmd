@echo off
rem The CLI of a checkout: sets up when needed, then runs the bundle on the project's own Node.
setlocal
rem What a terminal, an editor or a debugger has every Node of its shell load, open or write is not for ours; npm may need it.
set "NPM_NODE_OPTIONS=%NODE_OPTIONS%"
set "NODE_OPTIONS="
set "NODE_V8_COVERAGE="
set "NODE_REPL_EXTERNAL_MODULE="
set "NODE_DEBUG="
set "NODE_DEBUG_NATIVE="
set "NODE_REDIRECT_WARNINGS="
set "NODE_ICU_DATA="
set "NODE_TEST_CONTEXT="
set "root=%~dp0.."
set "node=%root%\node_modules\node\bin\node.exe"
if not exist "%node%" goto setup
"%node%" "%root%\scripts\run-cli.mjs" %*
if not %errorlevel%==75 exit /b %errorlevel%
:setup
where node >nul 2>nul
if errorlevel 1 goto needed
node -e "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)"
if errorlevel 1 goto old
node "%root%\scripts\setup.mjs"
if errorlevel 1 goto fail
"%node%" "%root%\dist\cli.js" %*
exit /b %errorlevel%
:old
node -e "console.error('token-sync: Node.js ' + process.version + ' \u592a\u65e7 / is too old')"
:needed
chcp 65001 >nul
echo token-sync: 需要 Node.js 20 或更高版本：https://nodejs.org 1>&2
echo token-sync: Node.js 20 or later is needed: https://nodejs.org 1>&2
:fail
rem The window of a double click would close before anybody has read why.
for %%a in (%*) do if "%%~a"=="--pause" pause 1>&2
exit /b 1
