package io.mtdagent.android;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.json.JSONArray;
import org.json.JSONObject;

/** The reference gateway: the real program in a process of its own, on a port of loopback. */
public final class Cloud {
    public static final String TENANT = "6babcaad-604b-40ac-a9d7-9fd97c0b779f";

    private static final String PROGRAM = System.getProperty("mtd.gateway");

    private final File dir;
    private final Process serving;
    /** What a device is told. */
    public final String url;

    private Cloud(File dir, Process serving, String url) {
        this.dir = dir;
        this.serving = serving;
        this.url = url;
    }

    /** Makes a gateway in a new folder and serves it. */
    public static Cloud start() throws Exception {
        File dir = new File(Files.createTempDirectory("mtd-cloud-").toFile(), "cloud");
        run("init", "--dir", dir.getPath(), "--host", "localhost", "--tenant", TENANT);
        return serve(dir);
    }

    /** Serves a gateway whose folder is there. */
    public static Cloud serve(File dir) throws Exception {
        Process serving = program("serve", "--dir", dir.getPath())
                .redirectError(new File(dir.getParentFile(), "log")).start();
        String ready = new BufferedReader(new InputStreamReader(serving.getInputStream(), StandardCharsets.UTF_8))
                .readLine();
        String address = new JSONObject(ready).getString("gateway");
        return new Cloud(dir, serving, "https://localhost:" + address.substring(address.lastIndexOf(':') + 1));
    }

    public void stop() throws Exception {
        serving.destroyForcibly().waitFor();
    }

    /** Whom an app trusts. */
    public String trust() throws IOException {
        return new String(Files.readAllBytes(new File(dir, "trust.json").toPath()), StandardCharsets.UTF_8);
    }

    /** A new Entra device ID. */
    public static String newDevice() {
        return UUID.randomUUID().toString();
    }

    /** A one-time code for a device. */
    String code(String device) throws Exception {
        return administer("code", "--device", device).trim();
    }

    /** An administrator's command; what it prints. */
    public String administer(String command, String... words) throws Exception {
        List<String> line = new ArrayList<String>(Arrays.asList(command, "--dir", dir.getPath()));
        Collections.addAll(line, words);
        return run(line.toArray(new String[0]));
    }

    /** What the console knows of a device; null if it is unknown. */
    public JSONObject device(String id) throws Exception {
        JSONArray devices = new JSONObject(administer("devices", "--json")).getJSONArray("devices");
        for (int i = 0; i < devices.length(); i++) {
            if (devices.getJSONObject(i).getString("deviceId").equals(id)) {
                return devices.getJSONObject(i);
            }
        }
        return null;
    }

    private static String run(String... words) throws Exception {
        Process process = program(words).redirectErrorStream(true).start();
        BufferedReader out = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder said = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.append(line).append('\n');
        }
        if (process.waitFor() != 0) {
            throw new IOException(said.toString());
        }
        return said.toString();
    }

    private static ProcessBuilder program(String... words) {
        List<String> line = new ArrayList<String>(Collections.singletonList(PROGRAM));
        Collections.addAll(line, words);
        return new ProcessBuilder(line);
    }
}
