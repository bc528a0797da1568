package io.mtdagent;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * What one source says, whole: who and where. Untrusted. What cannot be used, such as an unresolved
 * {@code {{aaddeviceid}}}, counts as absent and is found in {@link MtdStatus#findings}. Immutable.
 */
public final class MtdConfiguration {
    /** Where values come from. It decides what they may set and whom they beat. */
    public enum Provenance {
        /** The claims of a sign-in and its token. */
        SIGN_IN,
        /** iOS managed app configuration. */
        MANAGED_IOS,
        /** Android managed configuration: what RestrictionsManager gives. */
        MANAGED_ANDROID,
        /** The app's own code. */
        APP
    }

    /** The kinds of activation credential. */
    public enum CredentialKind {
        /** An Entra token from sign-in. */
        TOKEN("mtdToken"),
        /** A one-time code. */
        CODE("mtdActivationCode"),
        /** The tenant's enrolment key. */
        ENROLMENT_KEY("mtdEnrolmentKey");

        final String key;

        CredentialKind(String key) {
            this.key = key;
        }
    }

    final Provenance provenance;
    final Map<String, Object> values;

    /**
     * The app's own values. Every one may be null.
     *
     * @param gateway {@code https://host[:port]} of the partner's cloud
     * @param deviceId the Entra device ID
     * @param tenantId the Entra tenant
     * @param credentialKind what kind of credential {@code credential} is
     * @param credential the activation credential
     */
    public MtdConfiguration(String gateway, String deviceId, String tenantId, CredentialKind credentialKind,
            String credential) {
        Map<String, Object> values = new HashMap<String, Object>();
        values.put("mtdGateway", gateway);
        values.put("mtdDeviceId", deviceId);
        values.put("mtdTenantId", tenantId);
        if (credentialKind != null) {
            values.put(credentialKind.key, credential);
        }
        this.provenance = Provenance.APP;
        this.values = values;
    }

    private MtdConfiguration(Provenance provenance, Map<String, ?> values) {
        this.provenance = provenance;
        this.values = values == null ? Collections.<String, Object>emptyMap() : new HashMap<String, Object>(values);
    }

    /**
     * An Android managed configuration.
     *
     * @param values by key: a {@code String}; a {@code Boolean}, a number or a {@code Map}, which are findings where
     *        text is wanted; anything else counts as a list, and null is absent. Null for none.
     */
    public static MtdConfiguration managed(Map<String, ?> values) {
        return new MtdConfiguration(Provenance.MANAGED_ANDROID, values);
    }

    /**
     * What a sign-in gave. Every value may be null.
     *
     * @param deviceId the Entra device ID of the token's claims
     * @param tenantId the Entra tenant of the token's claims
     * @param token the Entra token, for the partner's cloud
     */
    public static MtdConfiguration signIn(String deviceId, String tenantId, String token) {
        Map<String, Object> values = new HashMap<String, Object>();
        values.put("mtdDeviceId", deviceId);
        values.put("mtdTenantId", tenantId);
        values.put(CredentialKind.TOKEN.key, token);
        return new MtdConfiguration(Provenance.SIGN_IN, values);
    }
}
