// The desktop of the person who runs the tests, and the text copied there, must not reach them: a test that needs a
// desktop brings one along.
for (const name of ['DISPLAY', 'XAUTHORITY', 'WAYLAND_DISPLAY', 'XDG_SESSION_TYPE', 'DBUS_SESSION_BUS_ADDRESS']) {
  delete process.env[name];
}
