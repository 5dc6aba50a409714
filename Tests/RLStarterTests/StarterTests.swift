import Foundation
import RLStarter
import Testing

@Suite struct StarterTests {
  @Test func theFilesInsideAreThoseOfTheRepository() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    #expect(Starter.originals.count == 5)
    for original in Starter.originals {
      let file = try Data(contentsOf: URL(filePath: "\(root)/\(original.name)"))
      #expect(Data(original.bytes) == file, "\(original.name)")
    }
  }

  @Test(arguments: [
    ("my_env", "MyEnv-v0", "my_env"), ("MyEnv", "MyEnv-v0", "my_env"), ("walk", "Walk-v0", "walk"),
    ("Crane-v2", "Crane-v2", "crane"), ("my-crane", "MyCrane-v0", "my_crane"),
    ("acme/Crane-v12", "acme/Crane-v12", "crane"), ("NAN", "NAN-v0", "nan"),
    ("grid2d", "Grid2d-v0", "grid2d"), ("rlenv_simple", "RlenvSimple-v0", "rlenv_simple"),
  ])
  func aNameBecomesAnId(_ text: String, _ id: String, _ stem: String) throws {
    let name = try StarterName(text, language: .c)
    #expect(name.id == id)
    #expect(name.stem == stem)
  }

  @Test(arguments: StarterLanguage.allCases, ["crane", "Moon-Walk-v0", "Room-Dive-Walk-v1", "vec"])
  func nothingOfTheTemplateIsLeft(_ language: StarterLanguage, _ text: String) throws {
    let starter = Starter(try StarterName(text, language: language), language)
    let source = String(decoding: starter.files[0].bytes, as: UTF8.self)
    #expect(source.contains("\"\(starter.name.id)"))
    #expect(source.contains("\"org.example.\(starter.name.stem)"))
    #expect(source.contains(starter.buildCommand))
    for word in ["template.", "plugins/", "-Iinclude", "include/", "org.example.walk", "Copy it"] {
      #expect(!source.contains(word), "\(word)")
    }
  }
}
