internal import CEnvironmentSupport
internal import Glibc

/// This program once more, as a process that may crash or hang.
struct ChildProcess {
  enum End: Equatable {
    case exited(Int32)
    case killed(Int32)  // by a signal
    case timeout
  }

  /// What a process left behind.
  struct Remains {
    var end: End
    var answer: [UInt8]
    var output: String
    var progress: Progress
    var seconds: Double
  }

  static let answerDescriptor: Int32 = 3
  static let progressDescriptor: Int32 = 4
  static let inputDescriptor: Int32 = 5

  /// Runs the program with `arguments` to its end.
  ///
  /// - Parameters:
  ///   - arguments: without the program's name.
  ///   - input: what it finds behind `inputDescriptor`.
  ///   - timeout: seconds after which it is killed, with all processes of its group.
  ///   - isLeader: whether it begins a process group; a child of a child does not.
  /// - Returns: how it ended, and what it left.
  /// - Throws: `NotJudged` if no process can be made.
  static func run(
    _ arguments: [String], input: [UInt8] = [], timeout: Double, isLeader: Bool
  ) throws -> Remains {
    let files = try ["output", "answer", "progress", "input"].map(memoryFile)
    defer { for file in files { close(file) } }
    ftruncate(files[2], Progress.byteCount)
    _ = unsafe input.withUnsafeBytes { unsafe pwrite(files[3], $0.baseAddress, $0.count, 0) }
    let start = now()
    let process = try spawn(arguments, files, isLeader: isLeader)
    let end = wait(process, until: start + timeout, isLeader: isLeader)
    return Remains(
      end: end, answer: contents(files[1], limit: 1 << 24),
      output: String(decoding: contents(files[0], limit: 1 << 16), as: UTF8.self),
      progress: Progress(descriptor: files[2]), seconds: now() - start)
  }

  /// Seconds of a clock that only goes forward.
  static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// All bytes of a file, up to `limit`.
  static func contents(_ file: Int32, limit: Int) -> [UInt8] {
    var facts = stat()
    unsafe fstat(file, &facts)
    let count = min(Int(facts.st_size), limit)
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
      length = unsafe max(0, pread(file, buffer.baseAddress, count, 0))
    }
  }

  /// A file in memory that is closed in other programs.
  static func memoryFile(_ name: String) throws -> Int32 {
    let file = unsafe cenvironment_memory_file(name)
    guard file >= 0 else { throw NotJudged("no more files can be opened") }
    // out of the way of the numbers that the child will use
    let high = fcntl(file, F_DUPFD_CLOEXEC, 16)
    close(file)
    return high
  }

  private static func spawn(
    _ arguments: [String], _ files: [Int32], isLeader: Bool
  ) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    let places = [
      (files[0], STDOUT_FILENO), (files[0], STDERR_FILENO), (files[1], answerDescriptor),
      (files[2], progressDescriptor), (files[3], inputDescriptor),
    ]
    for (from, to) in places { unsafe posix_spawn_file_actions_adddup2(&actions, from, to) }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    if isLeader { unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP)) }
    var process: pid_t = 0
    let words = unsafe cStrings(["rl-host"] + arguments)
    let settings = unsafe cStrings(childSettings())
    let texts = unsafe words + settings
    defer { for k in unsafe texts.indices { unsafe free(texts[k]) } }
    let code = unsafe posix_spawn(
      &process, "/proc/self/exe", &actions, &attributes, words, settings)
    guard code == 0 else { throw NotJudged(unsafe String(cString: strerror(code))) }
    return process
  }

  /// The environment without what would write a long report of a crash.
  private static func childSettings() -> [String] {
    var settings: [String] = []
    var next = unsafe environ
    while let text = unsafe next.pointee {
      let setting = unsafe String(cString: text)
      if !setting.hasPrefix("SWIFT_BACKTRACE=") { settings.append(setting) }
      unsafe next += 1
    }
    return settings + ["SWIFT_BACKTRACE=enable=no"]
  }

  private static func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    unsafe texts.map { unsafe strdup($0) } + [nil]
  }

  private static func wait(_ process: pid_t, until end: Double, isLeader: Bool) -> End {
    var status: Int32 = 0
    var pause: useconds_t = 200
    while unsafe waitpid(process, &status, WNOHANG) == 0 {
      if now() > end {
        kill(isLeader ? -process : process, SIGKILL)
        unsafe waitpid(process, &status, 0)
        return .timeout
      }
      usleep(pause)
      pause = min(pause + 200, 5000)
    }
    // whatever the plugin has started
    if isLeader { kill(-process, SIGKILL) }
    let signal = status & 0x7F
    return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal)
  }

  /// Keeps this process, a child, within limits.
  static func limitResources(seconds: Double) {
    let limits: [(__rlimit_resource_t, rlim_t)] = [
      (Int32(RLIMIT_CORE.rawValue), 0), (Int32(RLIMIT_CPU.rawValue), rlim_t(seconds) + 5),
      (Int32(RLIMIT_FSIZE.rawValue), 256 << 20), (Int32(RLIMIT_AS.rawValue), 64 << 30),
    ]
    for (resource, most) in limits {
      var limit = rlimit()
      unsafe getrlimit(resource, &limit)
      limit.rlim_cur = min(most, limit.rlim_max)
      unsafe setrlimit(resource, &limit)
    }
  }
}

/// The name of a signal.
func signalName(_ number: Int32) -> String {
  let names: [Int32: String] = [
    SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGABRT: "SIGABRT", SIGILL: "SIGILL",
    SIGKILL: "SIGKILL", SIGTERM: "SIGTERM", SIGPIPE: "SIGPIPE", SIGXCPU: "SIGXCPU",
    SIGXFSZ: "SIGXFSZ", SIGTRAP: "SIGTRAP", SIGSYS: "SIGSYS",
  ]
  return names[number] ?? "signal \(number)"
}
