import AgentModel
import CSystem
import Foundation
import JSON
import Testing

@testable import Databases

/// A PostgreSQL server of this test run's own, on a Unix socket in a folder of its own. It ends, and the folder goes,
/// when this process does: its keeper waits for the end of a pipe.
final class PostgresServer: Sendable {
    let folder: String
    private let keeper: Int32

    /// `nil`, with the reason printed, where no server is installed.
    static let shared: PostgresServer? = start()

    static var isInstalled: Bool { shared != nil }

    private init(folder: String, keeper: Int32) {
        self.folder = folder
        self.keeper = keeper
    }

    private static func start() -> PostgresServer? {
        let script = """
            for bin in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/bin; do
                [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ] && break
            done
            [ -x "$bin/initdb" ] || { echo none; exit; }
            dir=$(mktemp -d /tmp/agenthost-pg-XXXXXX)
            if [ "$(id -u)" = 0 ]; then
                user=postgres
                id postgres >/dev/null 2>&1 || user=nobody
                chown $user "$dir"
                as="setpriv --reuid=$user --regid=$(id -g $user) --clear-groups"
            fi
            cd "$dir"
            $as "$bin/initdb" -D "$dir/data" -U admin -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1
            printf 'local all agent scram-sha-256\\nlocal all all trust\\n' >"$dir/data/pg_hba.conf"
            $as "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off >>"$dir/log" 2>&1 &
            server=$!
            i=0
            while [ ! -S "$dir/.s.PGSQL.5432" ] && [ $i -lt 600 ]; do sleep 0.05; i=$((i + 1)); done
            echo "$dir"
            cat >/dev/null
            kill -INT $server
            wait $server
            cd /
            rm -rf "$dir"
            """
        var toKeeper: [Int32] = [0, 0]
        var fromKeeper: [Int32] = [0, 0]
        guard cs_pipe(&toKeeper) == 0, cs_pipe(&fromKeeper) == 0 else { return nil }
        var options = cs_spawn_options()
        (options.input, options.output, options.error) = (toKeeper[0], fromKeeper[1], 2)
        var pid: pid_t = 0
        let started = withTexts(["sh", "-c", script]) { arguments in
            withTexts(["PATH=/usr/bin:/bin:/usr/sbin:/sbin"]) { environment in
                "/bin/sh".withCString { path in
                    options.path = path
                    options.arguments = arguments
                    options.environment = environment
                    return cs_spawn(&options, &pid)
                }
            }
        }
        close(toKeeper[0])
        close(fromKeeper[1])
        guard started == 0, let folder = line(fromKeeper[0]), folder != "none" else {
            print("PostgreSQL tests are skipped: no server is installed (initdb, postgres)")
            return nil
        }
        let server = PostgresServer(folder: folder, keeper: toKeeper[1])
        server.fill()
        return server
    }

    private static func line(_ descriptor: Int32) -> String? {
        var text = ""
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != 0x0a { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        close(descriptor)
        return text.isEmpty ? nil : text
    }

    func url(_ user: String) -> String { "postgresql://\(user)@/postgres?host=\(folder)" }

    func target(_ user: String = "owner", readOnly: Bool = true, allowSuperuser: Bool = false) -> DatabaseTarget {
        DatabaseTarget(
            dialect: .postgresql, url: url(user), passwordEnv: user == "agent" ? "AGENTHOST_TEST_PASSWORD" : nil,
            readOnly: readOnly, allowSuperuser: allowSuperuser)
    }

    /// Runs what nothing guards, as the superuser.
    @discardableResult
    func administer(_ statements: String...) throws -> [[String]] {
        let connection = try PostgresConnection(url: url("admin"), password: nil)
        var rows: [[String]] = []
        for statement in statements {
            let outcome = try connection.execute(statement, [], cs_monotonic_ms() + 20_000)
            rows = outcome.rows.map { $0.map(\.description) }
        }
        return rows
    }

    /// Everything belongs to the user that the agents come as, so that no missing right hides a missing guard.
    private func fill() {
        do {
            try administer(
                "CREATE ROLE owner LOGIN", "CREATE ROLE boss LOGIN SUPERUSER", "CREATE ROLE reader LOGIN",
                "CREATE ROLE agent LOGIN PASSWORD 'open sesame'", "GRANT pg_read_server_files TO reader",
                "GRANT ALL ON DATABASE postgres TO owner", "GRANT ALL ON SCHEMA public TO owner",
                "SET ROLE owner",
                "CREATE TABLE customers(id int PRIMARY KEY, name text NOT NULL, joined date)",
                """
                CREATE TABLE orders(customer int REFERENCES customers, number int, price numeric(8, 2) NOT NULL,
                    PRIMARY KEY (customer, number))
                """,
                "CREATE VIEW totals AS SELECT customer, sum(price) AS total FROM orders GROUP BY 1",
                "CREATE SCHEMA hr", "CREATE TABLE hr.staff(id serial PRIMARY KEY, boss int REFERENCES hr.staff)",
                "INSERT INTO customers VALUES (1, 'Ann', '2024-01-02'), (2, 'Bob', NULL)",
                "INSERT INTO orders VALUES (1, 1, 9.5), (1, 2, 3), (2, 1, 7)", "INSERT INTO hr.staff VALUES (1, NULL)",
                "CREATE SEQUENCE counter", "SELECT nextval('counter')",
                """
                CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS
                $$ BEGIN DELETE FROM orders; RETURN 1; END $$
                """,
                "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2'", "RESET ROLE",
                "GRANT ALL ON ALL TABLES IN SCHEMA public TO agent")
            // Not everywhere installed.
            for name in ["dblink", "tablefunc", "pgcrypto"] { _ = try? administer("CREATE EXTENSION \(name)") }
        } catch {
            Issue.record(error)
        }
    }
}
