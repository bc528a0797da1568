package io.mtdagent;

import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Writes apps in the layout of {@code bindings/buffer/src/apps.rs}, everything else in that of
 * {@code bindings/src/jni/given.rs}.
 */
final class Buffer {
    private static final int VERSION = 1;
    private static final int MAX_APPS = 5000;
    private static final int ABSENT = 0xffff;
    /** The parser keeps 255; a longer text is not copied whole. */
    private static final int MAX_TEXT = 1024;
    /** The core reads 16 KiB of a configured value and 1,000 of them; what is longer or more must still look so. */
    private static final int MAX_VALUE = 16 * 1024 + 1;
    private static final int MAX_VALUES = 1001;
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
        Buffer out = new Buffer(256);
        out.text(posture.platform);
        out.text(posture.osVersion);
        out.text(posture.model);
        out.text(posture.patchLevel);
        out.names(posture.findings);
        out.names(posture.unknown);
        return out.finish();
    }

    static byte[] ofNames(Collection<String> names) throws MtdException {
        Buffer out = new Buffer(64);
        out.names(names);
        return out.finish();
    }

    /** At most 255 configurations; the caller wipes the bytes. */
    static byte[] ofConfigurations(Collection<MtdConfiguration> configurations) throws MtdException {
        if (configurations.size() > 0xff) {
            throw MtdException.argument();
        }
        Buffer out = new Buffer(4096);
        out.u8(configurations.size());
        for (MtdConfiguration configuration : configurations) {
            if (configuration == null) {
                throw MtdException.argument();
            }
            out.configuration(configuration);
        }
        byte[] finished = out.finish();
        Arrays.fill(out.bytes, (byte) 0);
        return finished;
    }

    private void configuration(MtdConfiguration configuration) {
        u8(configuration.provenance.ordinal());
        int at = length;
        u16(0);
        int count = 0;
        for (Map.Entry<String, Object> entry : configuration.values.entrySet()) {
            if (entry.getKey() != null && entry.getValue() != null && count < MAX_VALUES) {
                text(entry.getKey());
                value(entry.getValue());
                count++;
            }
        }
        bytes[at] = (byte) (count >>> 8);
        bytes[at + 1] = (byte) count;
    }

    private void value(Object value) {
        if (value instanceof String) {
            u8(0);
            text((String) value, MAX_VALUE);
        } else if (value instanceof Float || value instanceof Double) {
            u8(2);
        } else if (value instanceof Number) {
            u8(1);
        } else if (value instanceof Boolean) {
            u8(3);
        } else {
            u8(value instanceof Map ? 5 : 4);
        }
    }

    private void names(Collection<String> names) throws MtdException {
        if (names == null || names.size() >= ABSENT) {
            throw MtdException.argument();
        }
        u16(names.size());
        for (String name : names) {
            text(name);
        }
    }

    private void app(MtdApp app) {
        text(app.id);
        text(app.installer);
        text(app.name);
        text(app.shortVersion);
        text(app.version);
        u64(app.bundleBytes);
        u64(app.dynamicBytes);
        u64(app.updatedAtMillis);
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
        text(text, MAX_TEXT);
    }

    private void text(String text, int most) {
        if (text == null) {
            u16(ABSENT);
            return;
        }
        byte[] utf8 = (text.length() <= most ? text : text.substring(0, most)).getBytes(UTF_8);
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
