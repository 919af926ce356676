// What is on the desktop of whoever runs the tests, such as a copied text, is none of theirs: those that need a desktop
// bring one along.
for (const name of ['DISPLAY', 'XAUTHORITY', 'WAYLAND_DISPLAY', 'XDG_SESSION_TYPE', 'DBUS_SESSION_BUS_ADDRESS']) {
  delete process.env[name];
}
