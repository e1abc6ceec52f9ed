import AgentEngine
import JSON
import Testing

@Suite struct PermissionRulesTests {
    private static let folder = "/home/user/shop"

    private func decision(_ permissions: JSONObject, _ tool: String, _ paths: [String] = [], _ hash: String = "h")
        -> PermissionRules.Decision?
    {
        let question = PermissionRules.Question(tool: tool, paths: paths, inputHash: hash)
        return PermissionRules(permissions, folder: Self.folder).standing(for: question)?.decision
    }

    private static let rules: JSONObject = [
        "rules": [
            ["tool": "Edit", "path": "src/**", "decision": "allow"],
            ["tool": "Edit", "path": "/etc/**", "decision": "deny"],
            ["tool": "mcp__*", "decision": "ask"],
            ["tool": "Read", "decision": "allow"],
        ],
        "tools": ["mcp__files": "allow", "Bash": "deny", "Edit": "allow"],
    ]

    @Test(arguments: [
        ("Edit", ["/home/user/shop/src/a/b.swift"], PermissionRules.Decision.allow),
        ("Edit", ["/home/user/shop/src/a", "/etc/passwd"], .deny), ("Edit", ["/etc/passwd"], .deny),
        ("Read", [], .allow), ("Read", ["/anything"], .allow), ("Bash", [], .deny),
    ])
    func theFirstRuleThatFitsDecides(_ tool: String, _ paths: [String], _ expected: PermissionRules.Decision) {
        #expect(decision(Self.rules, tool, paths) == expected)
    }

    @Test func aRuleThatAsksIsNotOverruledByTheTableOfTools() {
        #expect(decision(Self.rules, "mcp__files") == nil)
    }

    @Test func aFileThatNoRuleSpeaksOfAllowsNothingByRules() {
        var rules = Self.rules
        rules["tools"] = nil
        #expect(decision(rules, "Edit", ["/home/user/shop/src/a", "/home/user/other"]) == nil)
        #expect(decision(rules, "Edit", ["/home/user/other", "/etc/passwd"]) == .deny)
        #expect(decision(rules, "Edit") == nil)
    }

    @Test func relativePathsNeedAWorkingFolder() {
        let question = PermissionRules.Question(tool: "Edit", paths: ["src/a"], inputHash: "")
        #expect(PermissionRules(["rules": Self.rules["rules"] ?? []], folder: nil).standing(for: question) == nil)
    }

    @Test func whatIsNoRuleIsLeftOut() {
        let odd: JSONObject = [
            "rules": [1, [:], ["tool": "x"], ["decision": "allow"], ["tool": "x", "decision": "yes"]]
        ]
        #expect(decision(odd, "x") == nil)
    }

    @Test func anAnswerForGoodCountsForTheSameInput() {
        let question = PermissionRules.Question(tool: "Bash", paths: [], inputHash: "one")
        let rule = PermissionRules.lasting(.allow, question, folder: Self.folder)
        #expect(decision(["granted": [rule]], "Bash", [], "one") == .allow)
        #expect(decision(["granted": [rule]], "Bash", [], "two") == nil)
        #expect(decision(["granted": [rule]], "Other", [], "one") == nil)
    }

    @Test func anAnswerForGoodAboutAFileCountsInTheWorkingFolder() {
        let question = PermissionRules.Question(tool: "Edit", paths: [Self.folder + "/a"], inputHash: "one")
        let rule = PermissionRules.lasting(.allow, question, folder: Self.folder)
        #expect(decision(["granted": [rule]], "Edit", [Self.folder + "/b/c"], "two") == .allow)
        #expect(decision(["granted": [rule]], "Edit", ["/etc/passwd"], "two") == nil)
        #expect(decision(["granted": [rule]], "Edit", [Self.folder + "2/a"], "two") == nil)
        let outside = PermissionRules.Question(tool: "Edit", paths: ["/etc/hosts"], inputHash: "one")
        let narrow = PermissionRules.lasting(.allow, outside, folder: Self.folder)
        #expect(decision(["granted": [narrow]], "Edit", ["/etc/passwd"], "two") == nil)
    }

    @Test func rulesThatRefuseOverruleWhatWasGranted() {
        let question = PermissionRules.Question(tool: "Edit", paths: ["/etc/hosts"], inputHash: "one")
        var permissions = Self.rules
        permissions["granted"] = [PermissionRules.lasting(.allow, question, folder: Self.folder)]
        #expect(decision(permissions, "Edit", ["/etc/hosts"], "one") == .deny)
    }

    @Test func anAnswerThatIsGoodOnceSaysSo() throws {
        let question = PermissionRules.Question(tool: "Bash", paths: [], inputHash: "one")
        let rule = PermissionRules.once(.deny, question)
        let standing = try #require(PermissionRules(["granted": [rule]], folder: nil).standing(for: question))
        #expect(standing == PermissionRules.Standing(decision: .deny, grant: rule))
        #expect(rule["once"] == true)
    }

    /// An agent chooses what its tools are called.
    @Test func aToolThatIsCalledLikeAPatternIsGrantedByItsName() {
        let question = PermissionRules.Question(tool: "*", paths: [], inputHash: "one")
        let rule = PermissionRules.lasting(.allow, question, folder: nil)
        #expect(decision(["granted": [rule]], "Bash", [], "one") == nil)
        #expect(decision(["granted": [rule]], "*", [], "one") == .allow)
    }
}
