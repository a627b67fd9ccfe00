{{/* Names, labels, and the one pod that all processes are made of. */}}
{{- define "tocsin.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "tocsin.chosen" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tocsin.labels" -}}
{{ include "tocsin.chosen" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "tocsin.account" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "tocsin.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "tocsin.image" -}}
{{- with .Values.image }}{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}{{ end }}
{{- end }}

{{- define "tocsin.keys" -}}
{{ .Values.keys.existingSecret | default (printf "%s-keys" (include "tocsin.name" .)) }}
{{- end }}

{{/* The processes that stay, in a line. */}}
{{- define "tocsin.stay" -}}
detect respond deliver sinks history bridge api
{{- if .Values.canary.enabled }} canary{{ end }}
{{- if .Values.traces.endpoint }} traces{{ end }}
{{- end }}

{{/* The environment of a process. in: root, name */}}
{{- define "tocsin.env" -}}
{{- $v := .root.Values -}}
- {name: TOCSIN_DATA, value: /data}
- {name: TOCSIN_PULSE, value: /tmp/pulse}
- {name: TOCSIN_DEMONSTRATION, value: "false"}
- {name: TOCSIN_SHARED, value: topic}
- {name: TOCSIN_KAFKA_BOOTSTRAP, value: {{ required "kafka.bootstrap is required: host:port of your Kafka" $v.kafka.bootstrap | quote }}}
- {name: TOCSIN_PARTITIONS, value: {{ $v.kafka.partitions | quote }}}
- {name: TOCSIN_REPLICATION, value: {{ $v.kafka.replication | quote }}}
- {name: TOCSIN_KAFKA_SECURITY, value: {{ $v.kafka.security | quote }}}
- {name: TOCSIN_KAFKA_SASL_MECHANISM, value: {{ $v.kafka.mechanism | quote }}}
{{- with $v.kafka.user }}
- {name: TOCSIN_KAFKA_USER, value: {{ . | quote }}}
- {name: TOCSIN_KAFKA_PASSWORD, valueFrom: {secretKeyRef: {name: {{ required "kafka.existingSecret is required where kafka.user is set: it has the password" $v.kafka.existingSecret }}, key: password}}}
{{- end }}
{{- if has "ca.crt" $v.kafka.files }}
- {name: TOCSIN_KAFKA_CA, value: /kafka/ca.crt}
{{- end }}
{{- if has "client.pem" $v.kafka.files }}
- {name: TOCSIN_KAFKA_CERTIFICATE, value: /kafka/client.pem}
{{- end }}
- {name: TOCSIN_SYSTEM_KEYS_FILE, value: /keys/system}
{{- if has .name (list "sinks" "api") }}
- {name: TOCSIN_SEAL_KEYS_FILE, value: /keys/seal}
{{- end }}
{{- if eq .name "api" }}
- {name: TOCSIN_TOKEN_KEY_FILE, value: /keys/token}
- {name: TOCSIN_HOST, value: 0.0.0.0}
- {name: TOCSIN_PORT, value: "8400"}
{{- end }}
{{- if has .name (list "history" "api") }}
- {name: TOCSIN_DATABASE, value: {{ required "database.url is required: postgresql://user@host/name" $v.database.url | quote }}}
{{- with $v.database.existingSecret }}
- {name: PGPASSWORD, valueFrom: {secretKeyRef: {name: {{ . }}, key: {{ $v.database.passwordKey }}}}}
{{- end }}
{{- if not $v.archive.enabled }}
- {name: TOCSIN_ARCHIVE_AFTER, value: 0s}
{{- end }}
{{- end }}
{{- if not $v.canary.enabled }}
- {name: TOCSIN_CANARY, value: 0s}
{{- else if eq .name "sinks" }}
- {name: TOCSIN_CANARY_URL, value: {{ printf "http://%s-canary:8499/" (include "tocsin.name" .root) | quote }}}
{{- else if has .name (list "canary" "api") }}
{{- if eq .name "canary" }}
- {name: TOCSIN_CANARY_LISTEN, value: "0.0.0.0:8499"}
{{- end }}
{{- with $v.canary.existingSecret }}
- {name: TOCSIN_CANARY_WEBHOOK_URL, valueFrom: {secretKeyRef: {name: {{ . }}, key: webhook-url, optional: true}}}
- {name: TOCSIN_CANARY_EMAIL_TO, valueFrom: {secretKeyRef: {name: {{ . }}, key: email-to, optional: true}}}
{{- end }}
{{- end }}
{{- if eq .name "traces" }}
- {name: TOCSIN_TRACES, value: {{ $v.traces.endpoint | quote }}}
{{- end }}
{{- with $v.publicUrl }}
- {name: TOCSIN_PUBLIC_URL, value: {{ . | quote }}}
{{- end }}
{{- if and $v.metrics.enabled (ne .name "topics") }}
- {name: TOCSIN_METRICS_LISTEN, value: {{ printf "0.0.0.0:%v" $v.metrics.port | quote }}}
{{- end }}
{{- if has .name (list "detect" "respond" "deliver" "sinks" "history") }}
- {name: TOCSIN_SLOT, valueFrom: {fieldRef: {fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']"}}}
{{- end }}
{{- range $name, $value := $v.settings }}
- {name: {{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- range $v.secretSettings }}
- {name: {{ .name }}, valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}}}
{{- end }}
{{- end }}

{{/* The pod of a process. in: root, name, command, resources */}}
{{- define "tocsin.pod" -}}
{{- $v := .root.Values -}}
metadata:
  labels:
    {{- include "tocsin.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .name }}
    {{- with $v.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- with $v.podAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "tocsin.account" .root }}
  automountServiceAccountToken: false
  enableServiceLinks: false  # TOCSIN_PORT=tcp://… would be taken for a setting
  terminationGracePeriodSeconds: 30
  {{- if eq .name "topics" }}
  restartPolicy: OnFailure
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  {{- with $v.image.pullSecrets }}
  imagePullSecrets: {{- range . }}
    - name: {{ . }}
  {{- end }}{{ end }}
  {{- with $v.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if and $v.spread (ne .name "topics") }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: {{ $v.spread }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "tocsin.chosen" .root | nindent 10 }}
          app.kubernetes.io/component: {{ .name }}
  {{- end }}
  containers:
    - name: {{ .name }}
      image: {{ include "tocsin.image" .root }}
      imagePullPolicy: {{ $v.image.pullPolicy }}
      command: [python, -m, {{ join ", " .command }}]
      env: {{- include "tocsin.env" . | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      resources: {{- toYaml .resources | nindent 8 }}
      {{- if ne .name "topics" }}
      {{- if or $v.metrics.enabled (has .name (list "api" "canary")) }}
      ports:
        {{- if eq .name "api" }}
        - {name: http, containerPort: 8400}
        {{- else if eq .name "canary" }}
        - {name: canaries, containerPort: 8499}
        {{- end }}
        {{- if $v.metrics.enabled }}
        - {name: metrics, containerPort: {{ $v.metrics.port }}}
        {{- end }}
      {{- end }}
      startupProbe: {exec: &beats {command: [sh, -c, "find /tmp/pulse -mmin -0.5 | grep -q ."]}, periodSeconds: 3, failureThreshold: 40}
      livenessProbe: {exec: *beats, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3}
      {{- if eq .name "api" }}
      readinessProbe: {httpGet: {path: /health/live, port: http}, periodSeconds: 5, timeoutSeconds: 3}  # it says why others do not answer
      {{- else }}
      readinessProbe: {exec: *beats, periodSeconds: 10, timeoutSeconds: 5}
      {{- end }}
      {{- end }}
      volumeMounts:
        - {name: data, mountPath: /data}
        - {name: tmp, mountPath: /tmp}
        - {name: keys, mountPath: /keys, readOnly: true}
        {{- if $v.kafka.files }}
        - {name: kafka, mountPath: /kafka, readOnly: true}
        {{- end }}
        {{- if and $v.archive.enabled (has .name (list "history" "api")) }}
        - {name: archive, mountPath: /data/archive}
        {{- end }}
        {{- if has .name (list "bridge" "api") }}
        {{- if $v.bridge.gateways }}
        - {name: gateways, mountPath: /data/gateways.json, subPath: gateways.json, readOnly: true}
        {{- end }}
        {{- if $v.bridge.tokensSecret }}
        - {name: tokens, mountPath: /gateways, readOnly: true}
        {{- end }}
        {{- end }}
  volumes:
    - {name: tmp, emptyDir: {sizeLimit: 256Mi}}
    {{- if not (and $v.storage.enabled (has .name (list "detect" "respond" "deliver" "canary"))) }}
    - {name: data, emptyDir: {sizeLimit: {{ $v.storage.size }}}}
    {{- end }}
    - name: keys
      secret:
        secretName: {{ include "tocsin.keys" .root }}
        defaultMode: 0440
        items:
          - {key: system, path: system}
          {{- if has .name (list "sinks" "api") }}
          - {key: seal, path: seal}
          {{- end }}
          {{- if eq .name "api" }}
          - {key: token, path: token}
          {{- end }}
    {{- if $v.kafka.files }}
    - name: kafka
      secret:
        secretName: {{ required "kafka.existingSecret is required where kafka.files names files of it" $v.kafka.existingSecret }}
        defaultMode: 0440
        items: {{- range $v.kafka.files }}
          - {key: {{ . }}, path: {{ . }}}
        {{- end }}
    {{- end }}
    {{- if and $v.archive.enabled (has .name (list "history" "api")) }}
    - {name: archive, persistentVolumeClaim: {claimName: {{ required "archive.existingClaim is required where the archive is enabled: a ReadWriteMany claim" $v.archive.existingClaim }}}}
    {{- end }}
    {{- if has .name (list "bridge" "api") }}
    {{- if $v.bridge.gateways }}
    - {name: gateways, configMap: {name: {{ include "tocsin.name" .root }}-gateways}}
    {{- end }}
    {{- with $v.bridge.tokensSecret }}
    - {name: tokens, secret: {secretName: {{ . }}, defaultMode: 0440}}
    {{- end }}
    {{- end }}
{{- end }}
