package io.mtdagent;

import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Writes apps and posture in the layout of {@code bindings/src/facade/apps.rs}. */
final class Buffer {
    private static final int VERSION = 1;
    private static final int MAX_APPS = 5000;
    private static final int ABSENT = 0xffff;
    /** The parser keeps 255; a longer text is not copied whole. */
    private static final int MAX_TEXT = 1024;
    private static final Charset UTF_8 = Charset.forName("UTF-8");

    private byte[] bytes;
    private int length;

    private Buffer(int capacity) {
        bytes = new byte[capacity];
    }

    /** More apps than the agent keeps are an incomplete list: it must not look like a removal. */
    static byte[] ofApps(List<MtdApp> apps) throws MtdException {
        if (apps == null || apps.size() > MAX_APPS) {
            throw MtdException.sensorFailed();
        }
        Buffer out = new Buffer(16 + apps.size() * 192);
        out.u8(VERSION);
        out.u16(apps.size());
        for (MtdApp app : apps) {
            out.app(app);
        }
        return out.finish();
    }

    static byte[] ofPosture(MtdSensors.Posture posture) throws MtdException {
        if (posture == null) {
            throw MtdException.sensorFailed();
        }
        Collection<String> findings = posture.findings;
        Buffer out = new Buffer(256);
        out.text(posture.platform);
        out.text(posture.osVersion);
        out.text(posture.model);
        out.text(posture.patchLevel);
        out.u16(findings.size());
        for (String finding : findings) {
            out.text(finding);
        }
        return out.finish();
    }

    private void app(MtdApp app) {
        text(app.id);
        text(app.installer);
        text(app.name);
        text(app.shortVersion);
        text(app.version);
        u64(app.bundleBytes);
        u64(app.dynamicBytes);
        u16(answer(app.beta) << 4 | answer(app.managed) << 8 | answer(app.validated) << 10);
        u8(app.signers.size());
        for (MtdApp.Signer signer : app.signers) {
            u8((signer.sha1 == null ? 0 : 1) | (signer.sha256 == null ? 0 : 2));
            raw(signer.sha1);
            raw(signer.sha256);
        }
    }

    private static int answer(Boolean known) {
        return known == null ? 0 : known ? 2 : 1;
    }

    private void u8(int value) {
        room(1);
        bytes[length++] = (byte) value;
    }

    private void u16(int value) {
        u8(value >>> 8);
        u8(value);
    }

    private void u64(long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            u8((int) (value >>> shift));
        }
    }

    private void text(String text) {
        if (text == null) {
            u16(ABSENT);
            return;
        }
        byte[] utf8 = (text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT)).getBytes(UTF_8);
        u16(utf8.length);
        raw(utf8);
    }

    private void raw(byte[] more) {
        if (more != null) {
            room(more.length);
            System.arraycopy(more, 0, bytes, length, more.length);
            length += more.length;
        }
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
        }
    }

    private byte[] finish() {
        return Arrays.copyOf(bytes, length);
    }
}
