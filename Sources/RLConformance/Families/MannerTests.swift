internal import CEnvironmentSupport
internal import CRLEnv
internal import Glibc
internal import RLCore

let mannerTests = [
  ConformanceTest("floating-point-mode", "the floating-point mode stays the default", testMode),
  ConformanceTest("stdout", "nothing is printed on the standard output", testOutput),
  ConformanceTest("working-folder", "the working folder stays the same", testFolder),
  ConformanceTest("locale", "the locale stays the same", testLocale),
  ConformanceTest("umask", "the umask stays the same", testMask),
  ConformanceTest("signals", "signal handlers and masks stay the same", testSignals),
  ConformanceTest("descriptors", "files are closed before destroy returns", testDescriptors),
  ConformanceTest("own-threads", "threads have ended before destroy returns", testOwnThreads),
]

/// Loads, creates, plays a little and destroys.
private func playAll(_ trial: Trial) throws {
  let instance = try Instance(trial.environment(), lanes: 1)
  let player = Player(instance, streams: [0], seed: trial.seed)
  for _ in 0..<30 { try player.tick() }
  instance.destroy()
}

private func testMode(_ trial: Trial) throws {
  let usual = defaultMode
  let environment = try trial.environment()
  let values = try environment.values()
  let error = unsafe makeError()
  defer { unsafe error.deallocate() }
  _ = cenvironment_enter_default_mode()
  func judge(_ mode: UInt64, _ call: String) throws {
    guard mode != usual else { return }
    throw Finding(
      "the floating-point mode was changed",
      at: Place(
        call: call, value: "0x" + String(mode, radix: 16), bound: "0x" + String(usual, radix: 16)),
      advice: "restore the mode before returning (fegetenv, fesetenv); build without -ffast-math, "
        + "which flushes subnormal numbers")
  }
  let (status, handle) = unsafe Instance.create(
    environment, values, lanes: 1, error, keepsMode: true)
  try judge(cenvironment_enter_default_mode(), "create")
  guard status == 0, let handle = unsafe handle else { throw NotJudged("create failed") }
  trial.progress.enter(.destroy)
  unsafe environment.table.destroy(handle)
  trial.progress.leave()
  try judge(cenvironment_enter_default_mode(), "destroy")
  let instance = try Instance(environment, lanes: 1)
  let player = Player(instance, streams: [0], seed: trial.seed)
  player.afterCall = { _, _, call in try judge(instance.lastMode, "\(call)") }
  for _ in 0..<50 { try player.tick() }
}

/// Puts a file in the place of the standard output and looks what gets there.
private func testOutput(_ trial: Trial) throws {
  let file = try ChildProcess.memoryFile("stdout")
  fflush(nil)
  let usual = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
  dup2(file, STDOUT_FILENO)
  let failure: (any Error)?
  do {
    try playAll(trial)
    failure = nil
  } catch { failure = error }
  fflush(nil)
  dup2(usual, STDOUT_FILENO)
  close(usual)
  let bytes = ChildProcess.contents(file, limit: 200)
  close(file)
  if let failure { throw failure }
  guard !bytes.isEmpty else { return }
  throw Finding(
    "something was printed on the standard output",
    at: Place(value: String(decoding: bytes, as: UTF8.self)),
    advice: "use the host's log (host->log) or stderr: the standard output belongs to the host's "
      + "answers")
}

/// Compares a fact of the process before and after.
private func compare(
  _ trial: Trial, _ what: String, advice: String, _ fact: () -> String
) throws {
  let before = fact()
  try playAll(trial)
  let after = fact()
  guard before != after else { return }
  throw Finding(
    "\(what) changed", at: Place(value: after, bound: "before: \(before)"), advice: advice)
}

private func testFolder(_ trial: Trial) throws {
  try compare(
    trial, "the working folder",
    advice: "never call chdir: use host->plugin_dir and absolute paths"
  ) {
    guard let folder = unsafe getcwd(nil, 0) else { return "" }
    defer { unsafe free(folder) }
    return unsafe String(cString: folder)
  }
}

private func testLocale(_ trial: Trial) throws {
  try compare(
    trial, "the locale",
    advice: "never call setlocale: it changes how the whole program reads and writes numbers"
  ) { unsafe setlocale(LC_ALL, nil).map { unsafe String(cString: $0) } ?? "" }
}

private func testMask(_ trial: Trial) throws {
  try compare(trial, "the umask", advice: "never call umask: give modes to open and mkdir") {
    let mask = umask(0o22)
    umask(mask)
    return "0" + String(mask, radix: 8)
  }
}

private func testSignals(_ trial: Trial) throws {
  try compare(
    trial, "signal handlers or the signal mask",
    advice: "install no handlers and block no signals: they belong to the host"
  ) {
    let handlers = (1...31).map { number -> String in
      var action = sigaction()
      unsafe sigaction(Int32(number), nil, &action)
      let address = unsafe UInt(
        bitPattern: unsafeBitCast(action.__sigaction_handler, to: OpaquePointer?.self))
      return address == 0 ? "" : "\(number)@\(String(address, radix: 16))"
    }
    var mask = sigset_t()
    unsafe pthread_sigmask(0, nil, &mask)
    let blocked = (1...31).filter { unsafe sigismember(&mask, Int32($0)) == 1 }
    return (handlers.filter { !$0.isEmpty } + ["blocked: \(blocked)"]).joined(separator: " ")
  }
}

/// The names in a folder of this process's own records.
private func entries(_ folder: String) -> [String] {
  guard let handle = unsafe opendir(folder) else { return [] }
  defer { unsafe closedir(handle) }
  var names: [String] = []
  while let entry = unsafe readdir(handle) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
      unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names.sorted()
}

private func testDescriptors(_ trial: Trial) throws {
  // what the library itself opens stays open
  _ = try trial.environment()
  let before = Set(entries("/proc/self/fd"))
  try playAll(trial)
  try playAll(trial)
  let left = entries("/proc/self/fd").filter { !before.contains($0) }
  guard let first = left.first else { return }
  var target = [CChar](repeating: 0, count: 512)
  _ = unsafe readlink("/proc/self/fd/\(first)", &target, 511)
  let name = String(
    decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  throw Finding(
    "\(left.count) files were left open after destroy", at: Place(call: "destroy", value: name),
    advice: "close in destroy what create, reset and step have opened")
}

private func testOwnThreads(_ trial: Trial) throws {
  _ = try trial.environment()
  let before = entries("/proc/self/task").count
  try playAll(trial)
  var left = 0
  // a joined thread is gone from the list a moment later
  for _ in 0..<50 {
    left = entries("/proc/self/task").count - before
    if left <= 0 { return }
    usleep(2000)
  }
  throw Finding(
    "\(left) threads were still there after destroy", at: Place(call: "destroy"),
    advice: "end and join in destroy every thread that the instance has started")
}
