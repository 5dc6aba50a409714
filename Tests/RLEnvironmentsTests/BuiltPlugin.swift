import Foundation
import Synchronization

/// Plugins that the tests compile, each once, into a folder of their own.
enum BuiltPlugin {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static let built = Mutex<[String: String]>([:])

  private static let folder: URL = {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("rl-environments-tests-\(getpid())")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(at: BuiltPlugin.folder) }
    return folder
  }()

  /// `plugins/NAME.c` as a library.
  static func plugin(_ name: String) throws -> String {
    try library("plugin-" + name, of: "plugins/\(name).c", ["-O2"])
  }

  /// `plugins/lunar_lander.cpp` as a library; `nil` where there is no Box2D.
  static func lunarLander() throws -> String? {
    guard FileManager.default.fileExists(atPath: "/usr/include/box2d/box2d.h") else { return nil }
    return try library(
      "plugin-lunar_lander", of: "plugins/lunar_lander.cpp",
      ["-x", "c++", "-O2", "-fvisibility=hidden", "-Wl,--no-as-needed", "-lbox2d", "-lstdc++"])
  }

  /// A case of `Tests/Plugins/fixtures`: as `make fixtures` built it, unless that is out of date.
  static func fixture(_ name: String, source: String) throws -> String {
    let made = root.appendingPathComponent(".build/fixtures/\(name).so")
    if isNewer(made, than: ["Tests/Plugins/fixtures", "include"]) { return made.path }
    let symbol = name == "missing-symbol" ? ["-DSYMBOL=other_symbol"] : []
    return try library(
      "fixture-" + name, of: "Tests/Plugins/fixtures/\(source).c",
      ["-O0", "-DCASE=\"\(name)\""] + symbol)
  }

  /// C source text as a library.
  static func source(_ name: String, _ text: String, _ flags: [String] = ["-O2"]) throws -> String {
    let file = folder.appendingPathComponent("source-\(name).c")
    return try built.withLock { built in
      if let known = built[name] { return known }
      try Data(text.utf8).write(to: file)
      let library = try compile(file.path, "source-\(name).so", flags)
      built[name] = library
      return library
    }
  }

  /// A file of arbitrary content.
  static func file(_ name: String, _ content: [UInt8]) throws -> String {
    let file = folder.appendingPathComponent(name)
    try Data(content).write(to: file)
    return file.path
  }

  private static func isNewer(_ file: URL, than folders: [String]) -> Bool {
    guard let age = changed(file) else { return false }
    let sources = folders.flatMap { folder -> [URL] in
      let folder = root.appendingPathComponent(folder)
      let files = try? FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil)
      return files ?? []
    }
    return sources.allSatisfy { changed($0).map { $0 < age } ?? false }
  }

  private static func changed(_ file: URL) -> Date? {
    let facts = try? FileManager.default.attributesOfItem(atPath: file.path)
    return facts?[.modificationDate] as? Date
  }

  private static func library(
    _ name: String, of source: String, _ flags: [String]
  ) throws -> String {
    try built.withLock { built in
      if let known = built[name] { return known }
      let library = try compile(
        root.appendingPathComponent(source).path, "\(name).so", flags)
      built[name] = library
      return library
    }
  }

  private static func compile(_ source: String, _ name: String, _ flags: [String]) throws -> String
  {
    let library = folder.appendingPathComponent(name).path
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments =
      ["cc", "-shared", "-fPIC", "-I\(root.path)/include"] + flags
      + [source, "-o", library, "-lm"]
    try compiler.run()
    compiler.waitUntilExit()
    guard compiler.terminationStatus == 0 else { throw NotBuilt(source: source) }
    return library
  }

  struct NotBuilt: Error {
    var source: String
  }
}
