/** Native code, in a file of its own: what a bundle needs in order to load it would be loaded with every command. */
export { tryLock } from 'fs-native-extensions';
