/// A plugin to start from: the template of a language under another name, the headers, a Makefile.
public struct Starter: Sendable {
  /// A file to be written.
  public struct File: Sendable, Equatable {
    public var name: String
    public var bytes: [UInt8]
  }

  public let name: StarterName
  public let language: StarterLanguage

  public init(_ name: StarterName, _ language: StarterLanguage) {
    self.name = name
    self.language = language
  }

  /// The source file.
  public var sourceName: String { "\(name.stem).\(language.fileExtension)" }

  /// What it is compiled into.
  public var libraryName: String { "\(name.stem).so" }

  /// The command that compiles it, in its folder.
  public var buildCommand: String {
    switch language {
    case .c: "cc -shared -fPIC -O2 -Wall -Wextra \(sourceName) -o \(libraryName) -lm"
    case .cpp: "c++ -shared -fPIC -O2 -Wall -Wextra \(sourceName) -o \(libraryName)"
    case .rust: "rustc --edition 2021 -O --crate-type cdylib \(sourceName) -o \(libraryName)"
    }
  }

  /// The source first, then the headers that it needs, then the Makefile.
  public var files: [File] {
    let headers =
      [File(name: "rlenv.h", bytes: PackageResources.rlenv_h_txt)]
      + (language == .rust
        ? [] : [File(name: "rlenv_simple.h", bytes: PackageResources.rlenv_simple_h_txt)])
    return [File(name: sourceName, bytes: Array(source.utf8))] + headers
      + [File(name: "Makefile", bytes: Array(Self.makefile.utf8))]
  }

  /// The headers and templates as they are in the repository, by file name.
  public static var originals: [(name: String, bytes: [UInt8])] {
    [
      ("include/rlenv.h", PackageResources.rlenv_h_txt),
      ("include/rlenv_simple.h", PackageResources.rlenv_simple_h_txt),
      ("plugins/template.c", PackageResources.template_c_txt),
      ("plugins/template.cpp", PackageResources.template_cpp_txt),
      ("plugins/template.rs", PackageResources.template_rs_txt),
    ]
  }

  /// The template under the new name.
  var source: String {
    let (template, world) =
      switch language {
      case .c: (PackageResources.template_c_txt, "Walk")
      case .cpp: (PackageResources.template_cpp_txt, "Room")
      case .rust: (PackageResources.template_rs_txt, "Dive")
      }
    let (id, plugin) = ("\u{1}", "\u{2}")  // stand-ins, so that no new name is replaced again
    return withOwnTitle(String(decoding: template, as: UTF8.self))
      .replacingWords("\(world)-v0", with: id)
      .replacingWords("org.example.\(world.lowercased())", with: plugin)
      .replacingWords("\(world.lowercased())_reset", with: "\(name.prefix)_reset")
      .replacingWords("\(world.lowercased())_step", with: "\(name.prefix)_step")
      .replacingWords(world, with: name.type)
      .replacingWords("include/rlenv.h", with: "rlenv.h")
      .replacing(id, with: name.id).replacing(plugin, with: "org.example.\(name.stem)")
  }

  /// The template with a title and a build command of its own.
  private func withOwnTitle(_ template: String) -> String {
    let file = "template.\(language.fileExtension)"
    let lines = template.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.enumerated().map { index, line in
      if index == 0, let title = line.firstRange(of: file) {
        return line[..<title.lowerBound] + "\(sourceName) - an environment to start from."
      }
      if line.contains("plugins/\(file)"),
        let command = line.firstRange(of: Self.compiler(language))
      {
        return line[..<command.lowerBound] + buildCommand
      }
      return String(line)
    }.joined(separator: "\n")
  }

  private static func compiler(_ language: StarterLanguage) -> String {
    switch language {
    case .c: "cc -shared"
    case .cpp: "c++ -shared"
    case .rust: "rustc --edition"
    }
  }

  private static let makefile = """
    # make: every plugin in this folder. `make CC=clang CXX=clang++` for other compilers.
    CFLAGS ?= -O2 -Wall -Wextra
    CXXFLAGS ?= -O2 -Wall -Wextra

    all: $(patsubst %.c,%.so,$(wildcard *.c)) $(patsubst %.cpp,%.so,$(wildcard *.cpp)) \\
        $(patsubst %.rs,%.so,$(wildcard *.rs))

    %.so: %.c $(wildcard *.h)
    \t$(CC) -shared -fPIC $(CFLAGS) $< -o $@ -lm

    %.so: %.cpp $(wildcard *.h)
    \t$(CXX) -shared -fPIC $(CXXFLAGS) $< -o $@ -lm

    %.so: %.rs
    \trustc --edition 2021 -O --crate-type cdylib $< -o $@

    clean:
    \trm -f *.so

    .PHONY: all clean

    """
}

extension String {
  /// The text with `word` replaced where it stands alone: no letter, digit or underscore beside it.
  fileprivate func replacingWords(_ word: String, with replacement: String) -> String {
    var result = ""
    var rest = self[...]
    while let found = rest.firstRange(of: word) {
      let before = rest[..<found.lowerBound].last ?? result.last
      let after = rest[found.upperBound...].first
      let standsAlone = ![before, after].contains { $0?.isPartOfWord ?? false }
      result += rest[..<found.lowerBound] + (standsAlone ? replacement : word)
      rest = rest[found.upperBound...]
    }
    return result + rest
  }
}

extension Character {
  fileprivate var isPartOfWord: Bool { isLetter || isNumber || self == "_" }
}
