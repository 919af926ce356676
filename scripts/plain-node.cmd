@echo off
rem Runs Node without what a terminal, an editor or a debugger has every Node of its shell load, open or write.
set "NODE_OPTIONS="
set "NODE_V8_COVERAGE="
set "NODE_REPL_EXTERNAL_MODULE="
set "NODE_DEBUG="
set "NODE_DEBUG_NATIVE="
set "NODE_REDIRECT_WARNINGS="
set "NODE_ICU_DATA="
set "NODE_TEST_CONTEXT="
node %*
