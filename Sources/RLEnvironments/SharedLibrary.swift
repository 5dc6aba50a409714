internal import Glibc

/// Maps a shared library into the process. It stays there until the process ends, since the
/// plugin's code may still be on a thread's stack and its strings in use.
///
/// - Returns: the address of its symbol `rlenv_plugin`.
/// - Throws: `PluginError.missing` if there is no readable file, `PluginError.refused` if it
///   cannot be loaded or has no such symbol.
func loadLibrary(_ path: String) throws(PluginError) -> UnsafeRawPointer {
  try checkFile(path)
  // with a slash in it, dlopen looks nowhere else
  let place = path.contains("/") ? path : "./" + path
  let mode = FloatingPointMode.enter()
  let library = unsafe dlopen(place, RTLD_NOW | RTLD_LOCAL)
  mode.leave()
  guard let library = unsafe library else {
    throw .refused(path: path, environment: nil, reason: loadFailure(path, linkerMessage()))
  }
  guard let symbol = unsafe dlsym(library, "rlenv_plugin") else {
    throw .refused(
      path: path, environment: nil,
      reason: "exports no symbol rlenv_plugin, so it is no environment plugin: end the source with "
        + "RLENV_SIMPLE_PLUGIN, or define `const rlenv_plugin_v1 rlenv_plugin` after including "
        + "rlenv.h, which exports it")
  }
  return UnsafeRawPointer(symbol)
}

private func checkFile(_ path: String) throws(PluginError) {
  guard unsafe access(path, F_OK) == 0 else {
    throw .missing(
      path: path, reason: unsafe "cannot be found: \(String(cString: strerror(errno)))")
  }
  guard unsafe access(path, R_OK) == 0 else {
    throw .missing(path: path, reason: unsafe "cannot be read: \(String(cString: strerror(errno)))")
  }
  var facts = stat()
  guard unsafe stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
    throw .refused(path: path, environment: nil, reason: "is not a file: name a shared library")
  }
}

private func linkerMessage() -> String {
  guard let text = unsafe dlerror() else { return "the dynamic linker gave no reason" }
  return unsafe String(cString: text)
}

/// The dynamic linker's words and what they usually mean.
private func loadFailure(_ path: String, _ message: String) -> String {
  let hint = fileHint(path) ?? messageHint(path, message)
  return "cannot be loaded: \(message)" + (hint.map { ". \($0)" } ?? "")
}

private func messageHint(_ path: String, _ message: String) -> String? {
  if message.contains("undefined symbol") {
    return "A function is used and defined nowhere: define it, or link the library that has it "
      + "(sin and exp need -lm at the end of the command)"
  }
  if message.contains("version `") {
    return "It was built on a newer system than this one: rebuild it here"
  }
  if message.contains("cannot open shared object file") {
    return "A library that it needs is missing; `ldd \(path)` lists them: install it"
  }
  return nil
}

/// What is wrong with the file, by its ELF header.
private func fileHint(_ path: String) -> String? {
  guard let header = firstBytes(path, 20) else { return nil }
  guard header.count == 20, header.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
    return "This is not an ELF file. A plugin is a compiled shared library: "
      + "cc -shared -fPIC -O2 -Iinclude mine.c -o mine.so -lm"
  }
  let machine = UInt16(header[18]) | UInt16(header[19]) << 8
  guard header[4] == 2, header[5] == 1, machine == ownMachine else {
    return "It was built for another processor (\(machineName(machine))): rebuild it for "
      + machineName(ownMachine)
  }
  guard header[16] == 3 else {
    return "It is not a shared library: link it with cc -shared -fPIC"
  }
  return nil
}

private func firstBytes(_ path: String, _ count: Int) -> [UInt8]? {
  let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return nil }
  defer { close(file) }
  let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
    length = unsafe max(read(file, buffer.baseAddress!, count), 0)
  }
  return bytes
}

#if arch(x86_64)
private let ownMachine: UInt16 = 62
#else
private let ownMachine: UInt16 = 183
#endif

private func machineName(_ machine: UInt16) -> String {
  switch machine {
  case 3: "32-bit x86"
  case 40: "32-bit ARM"
  case 62: "x86-64"
  case 183: "aarch64"
  case 243: "RISC-V"
  default: "machine \(machine) of the ELF list"
  }
}
