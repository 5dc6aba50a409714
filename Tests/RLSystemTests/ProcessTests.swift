import Glibc
import RLSystem
import Testing

/// Sends this process a signal and waits for its effect: another thread receives it, since the one
/// that runs tests blocks signals.
private func send(_ number: Int32) {
  let isFirst = StopSignal.received == nil
  kill(getpid(), number)
  for _ in 0..<1000 {
    if isFirst, StopSignal.received != nil { return }
    usleep(10_000)
  }
}

/// Each test runs in a process of its own: signals and descriptors belong to the process.
@Suite struct ProcessTests {
  @Test func theFirstSignalIsNoted() async {
    await #expect(processExitsWith: .exitCode(7)) {
      StopSignal.install()
      precondition(StopSignal.received == nil)
      send(SIGTERM)
      precondition(StopSignal.received == SIGTERM)
      exit(7)
    }
  }

  @Test func theSecondInterruptEndsAtOnce() async {
    await #expect(processExitsWith: .exitCode(130)) {
      StopSignal.install()
      send(SIGINT)
      send(SIGINT)
      exit(7)
    }
  }

  @Test func terminationAfterAnInterruptEndsAtOnce() async {
    await #expect(processExitsWith: .exitCode(143)) {
      StopSignal.install()
      send(SIGINT)
      precondition(StopSignal.received == SIGINT)
      send(SIGTERM)
      exit(7)
    }
  }

  @Test func whatAPluginPrintsNeverReachesTheAnswers() async {
    await #expect(processExitsWith: .success) {
      let folder = TemporaryFolder()
      for (name, descriptor) in [("out", STDOUT_FILENO), ("err", STDERR_FILENO)] {
        let file = unsafe open("\(folder.path)/\(name)", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        dup2(file, descriptor)
        close(file)
      }
      let output = try ProtectedOutput.take()
      unsafe puts("plugin, buffered")
      fflush(nil)
      _ = unsafe write(STDOUT_FILENO, "plugin, direct\n", 15)
      unsafe system("echo plugin, child")
      try output.write("answer\n")
      try output.write(String(repeating: "x", count: 200_000))
      let answers = try FileReader.text(of: folder.path + "/out", limit: 1 << 20)
      precondition(answers == "answer\n" + String(repeating: "x", count: 200_000))
      let talk = try FileReader.text(of: folder.path + "/err", limit: 1 << 20)
      precondition(talk == "plugin, buffered\nplugin, direct\nplugin, child\n", talk)
    }
  }

  @Test func aClosedPipeEndsTheProgramQuietly() async {
    await #expect(processExitsWith: .exitCode(141)) {
      var ends: [Int32] = [0, 0]
      unsafe pipe(&ends)
      dup2(ends[1], STDOUT_FILENO)
      close(ends[0])
      close(ends[1])
      StopSignal.install()
      let output = try ProtectedOutput.take()
      try output.write("nobody reads this\n")
      exit(7)
    }
  }

  @Test func aFullDiskIsAnError() async {
    await #expect(processExitsWith: .exitCode(74)) {
      dup2(unsafe open("/dev/full", O_WRONLY), STDOUT_FILENO)
      let output = try ProtectedOutput.take()
      do throws(FileError) { try output.write("x") } catch { exit(error.exitStatus) }
    }
  }

  @Test func closedStandardFilesAreNotTakenByOthers() async {
    await #expect(processExitsWith: .success) {
      close(STDIN_FILENO)
      close(STDOUT_FILENO)
      let output = try ProtectedOutput.take()
      try output.write("into the void")
      let next = unsafe open("/dev/null", O_RDONLY)
      precondition(next > STDERR_FILENO, "a file took the place of a standard one")
    }
  }

  @Test func coloursFollowTheUserThenTheEnvironment() async {
    await #expect(processExitsWith: .success) {
      let terminal = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
      precondition(Terminal.isTerminal(terminal), "no terminal to test with")
      unsafe setenv("TERM", "xterm", 1)
      unsafe unsetenv("NO_COLOR")
      precondition(Terminal.usesColour(.auto, on: terminal))
      precondition(!Terminal.usesColour(.never, on: terminal))
      unsafe setenv("NO_COLOR", "", 1)
      precondition(Terminal.usesColour(.auto, on: terminal), "an empty NO_COLOR says nothing")
      unsafe setenv("NO_COLOR", "1", 1)
      precondition(!Terminal.usesColour(.auto, on: terminal))
      precondition(Terminal.usesColour(.always, on: terminal))
      unsafe unsetenv("NO_COLOR")
      unsafe setenv("TERM", "dumb", 1)
      precondition(!Terminal.usesColour(.auto, on: terminal))
      precondition(!Terminal.canRedraw(terminal))
      let file = unsafe open("/dev/null", O_WRONLY)
      unsafe setenv("TERM", "xterm", 1)
      precondition(!Terminal.usesColour(.auto, on: file) && Terminal.usesColour(.always, on: file))
    }
  }

  @Test func theWidthIsColumnsThenTheTerminalsThenEighty() async {
    await #expect(processExitsWith: .success) {
      unsafe unsetenv("COLUMNS")
      let terminal = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
      var size = winsize(ws_row: 40, ws_col: 123, ws_xpixel: 0, ws_ypixel: 0)
      _ = unsafe ioctl(terminal, UInt(TIOCSWINSZ), &size)
      precondition(Terminal.width(terminal) == 123)
      precondition(Terminal.width(STDIN_FILENO + 1000) == 80)
      unsafe setenv("COLUMNS", "50", 1)
      precondition(Terminal.width(terminal) == 50)
      unsafe setenv("COLUMNS", "-1", 1)
      precondition(Terminal.width(terminal) == 123)
    }
  }

  @Test func theClockNeverGoesBack() {
    var last = MonotonicClock.nanoseconds()
    for _ in 0..<10_000 {
      let next = MonotonicClock.nanoseconds()
      #expect(next >= last)
      last = next
    }
  }
}
