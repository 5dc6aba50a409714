import Glibc

/// What is at the other end of an open file, and how it wants to be written to.
public enum Terminal {
  /// The user's choice: `--color`.
  public enum ColourChoice: String, Sendable, CaseIterable {
    case auto
    case always
    case never
  }

  /// Whether the descriptor is a terminal.
  public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Columns: `COLUMNS` when it is a positive number, else what the terminal says, else 80.
  public static func width(_ descriptor: Int32) -> Int {
    if let columns = environmentVariable("COLUMNS").flatMap({ Int($0) }), columns > 0 {
      return columns
    }
    var size = winsize()
    let answer = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size)
    return answer == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// Whether to colour what is written to the descriptor.
  ///
  /// `--color always` and `never` are final; otherwise never when `NO_COLOR` is set and not
  /// empty (no-color.org), when `TERM` is `dumb`, or when it is no terminal.
  public static func usesColour(_ choice: ColourChoice, on descriptor: Int32) -> Bool {
    switch choice {
    case .always: true
    case .never: false
    case .auto:
      isTerminal(descriptor) && environmentVariable("NO_COLOR", default: "").isEmpty
        && !isDumb
    }
  }

  /// Whether a line may be redrawn in place: a terminal that can move its cursor.
  public static func canRedraw(_ descriptor: Int32) -> Bool {
    isTerminal(descriptor) && !isDumb
  }

  private static var isDumb: Bool { environmentVariable("TERM") == "dumb" }
}

/// A variable of the process's environment.
public func environmentVariable(_ name: String) -> String? {
  unsafe getenv(name).map { unsafe String(cString: $0) }
}

private func environmentVariable(_ name: String, default value: String) -> String {
  environmentVariable(name) ?? value
}
