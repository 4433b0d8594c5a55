<?php
// PHP's extension xmlrpc: php.php GATEWAY CALLS. It declares iso-8859-1 unless told, and takes
// text for that.

function value(array $form)
{
    $kind = array_key_first($form);
    $content = $form[$kind];
    switch ($kind) {
        case 'nil': return null;
        case 'int': return (int)$content;
        case 'float': return (float)$content;
        case 'list': return array_map('value', $content);
        case 'map': return (object)array_map('value', $content);
        case 'bytes':
            $content = base64_decode($content);
            xmlrpc_set_type($content, 'base64');
            return $content;
        case 'time':
            $content = str_replace('-', '', $content);
            xmlrpc_set_type($content, 'datetime');
            return $content;
    }
    return $content;
}

// An array is a list when its keys are 0, 1, 2 and so on; the extension does not say more.
function form($v): array
{
    if (is_object($v)) {
        return $v->xmlrpc_type === 'base64' ? ['bytes' => base64_encode($v->scalar)] : ['time' => isoTime($v->scalar)];
    }
    if (is_array($v)) {
        return array_is_list($v) ? ['list' => array_map('form', $v)] : ['map' => array_map('form', $v)];
    }
    switch (gettype($v)) {
        case 'NULL': return ['nil' => true];
        case 'boolean': return ['bool' => $v];
        case 'integer': return ['int' => (string)$v];
        case 'double': return ['float' => var_export($v, true)];
    }
    return ['str' => $v];
}

function isoTime(string $text): string
{
    return preg_replace('/^(\d{4})(\d\d)(\d\d)T/', '$1-$2-$3T', $text);
}

function outcome(string $gateway, array $call): array
{
    $options = ['encoding' => 'UTF-8', 'escaping' => 'markup'];
    $document = xmlrpc_encode_request($call['method'], array_map('value', $call['params']), $options);
    $http = ['method' => 'POST', 'header' => 'Content-Type: text/xml', 'content' => $document];
    $answer = @file_get_contents($gateway . $call['path'], false, stream_context_create(['http' => $http]));
    if ($answer === false) {
        return ['error' => error_get_last()['message'] ?? 'no answer'];
    }
    $v = xmlrpc_decode($answer, 'UTF-8');
    return is_array($v) && xmlrpc_is_fault($v) ? ['fault' => (string)$v['faultCode']] : form($v);
}

foreach (json_decode(file_get_contents($argv[2]), true) as $call) {
    $line = ['name' => $call['name'], 'got' => outcome($argv[1], $call)];
    echo json_encode($line, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR), "\n";
}
